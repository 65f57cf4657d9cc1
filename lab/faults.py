"""Break the shop, heal it, and say what is broken. Every verb may be repeated."""

import http.client
import json
import xmlrpc.client
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lab import clock, git, manifest, repository, supervision
from lab.layout import SERVICES, Layout
from lab.services.switches import GROWING_JOURNAL, LEAK

JsonMap = dict[str, Any]  # Any: JSON of the lab's own processes
_TIMEOUT_S = 5.0
_PATIENCE_S = 8.0
_RUNNING_STATES = {"RUNNING", "STARTING", "BACKOFF"}
_BAD_SUBJECT = "Tighten acquirer timeout"


class FaultError(Exception):
    """It could not be done; the text says why."""


class Lab:
    """A running lab, as seen from another process."""

    def __init__(self, root: Path) -> None:
        self.place = Layout(root.resolve())
        content = manifest.read(self.place)
        if content is None:
            message = f"No lab runs in {self.place.root}. Start it: python -m lab up --dir {root} --webhook URL"
            raise FaultError(message)
        self.facts = content
        self.services: dict[str, JsonMap] = {service["slug"]: service for service in content["services"]}
        access = content["supervisor"]
        self._supervisor = supervision.connect(access["url"], access["user"], access["password"])

    def break_(self, name: str) -> list[str]:
        """Inject a fault; returns what was done, as sentences.

        Raises:
            FaultError: There is no such fault, or the lab does not answer.
        """
        inject = FAULTS.get(name)
        if inject is None:
            message = f"There is no fault called {name}. There are: {', '.join(FAULTS)}."
            raise FaultError(message)
        return inject(self)

    def heal(self) -> list[str]:
        """Undo every fault; returns what was done, as sentences."""
        done = [*self._heal_configuration(), *self._heal_switch("inventory", GROWING_JOURNAL)]
        retained = self.switches("checkout").get("retained_bytes", 0)
        done += self._heal_switch("checkout", LEAK)
        if retained:
            self._call("signalProcess", "checkout", "TERM")
            done.append("Restarted checkout, which had retained memory.")
        for name, state in self.processes().items():
            if state not in _RUNNING_STATES:
                self._call("startProcess", name, False)  # noqa: FBT003 -- XML-RPC knows no keywords
                done.append(f"Started {name}, which was {state.lower()}.")
        return done or ["Nothing was broken."]

    def status(self) -> JsonMap:
        """Everything worth knowing, in words of the lab."""
        processes = self.processes()
        settings = repository.values(self.place.repository, "payments")
        return {
            "monitor": self.facts["monitor"],
            "processes": processes,
            "faults": {
                "bad-config": settings["acquirer_timeout_ms"] <= repository.BAD_ACQUIRER_TIMEOUT_MS,
                "leak": bool(self.switches("checkout")[LEAK]),
                "red-herring": bool(self.switches("inventory")[GROWING_JOURNAL]),
            },
            "services": {name: self._figures(name) for name in SERVICES},
            "alerts": self._alerts(),
        }

    def processes(self) -> dict[str, str]:
        """The supervisor's processes and their states."""
        listed: list[JsonMap] = self._call("getAllProcessInfo")
        return {process["name"]: process["statename"] for process in listed}

    def switches(self, service: str) -> JsonMap:
        """The state of a service's faults."""
        return self._faults(service, "GET", None)

    def set_switch(self, service: str, fault: str, *, on: bool) -> JsonMap:
        """Turn a fault in a service's memory on or off."""
        return self._faults(service, "POST", {fault: on})

    def _heal_configuration(self) -> list[str]:
        place = self.place.repository
        if repository.values(place, "payments")["acquirer_timeout_ms"] > repository.BAD_ACQUIRER_TIMEOUT_MS:
            return []
        commit = repository.last_commit(place, repository.PAYMENTS_FILE)
        try:
            new = repository.revert(place, commit, repository.ON_CALL)
        except git.GitError:
            new = ""
        if repository.values(place, "payments")["acquirer_timeout_ms"] > repository.BAD_ACQUIRER_TIMEOUT_MS:
            return [f"Reverted {commit[:10]} by {new[:10]} in config.git ({repository.PAYMENTS_FILE})."]
        good = {"acquirer_timeout_ms": repository.GOOD_ACQUIRER_TIMEOUT_MS}
        new = repository.change(place, "payments", good, "Set the acquirer timeout back to 800 ms", repository.ON_CALL)
        return [f"Set the good acquirer timeout again by {new[:10]} in config.git ({repository.PAYMENTS_FILE})."]

    def _heal_switch(self, service: str, fault: str) -> list[str]:
        if not self.switches(service)[fault]:
            return []
        self.set_switch(service, fault, on=False)
        return [f"Turned {fault} off in {service}."]

    def _faults(self, service: str, method: str, content: JsonMap | None) -> JsonMap:
        answer = self._ask(self.services[service]["url"], method, "/faults", content)
        if "error" in answer:
            raise FaultError(str(answer["error"]))
        return answer

    def _figures(self, service: str) -> JsonMap:
        signals = self.services[service]["signals"]
        found: JsonMap = {}
        for name in ("error_rate", "requests", "heap", "heap_limit", "restarts"):
            query = signals[name].replace('"', "%22").replace("{", "%7B").replace("}", "%7D")
            answer = self._ask(self.facts["prometheus_url"], "GET", f"/api/v1/query?query={query}", None)
            result = answer.get("data", {}).get("result", [])
            found[name] = float(result[0]["value"][1]) if result else None
        return found

    def _alerts(self) -> list[JsonMap]:
        answer = self._ask(self.facts["prometheus_url"], "GET", "/api/v1/alerts", None)
        alerts = answer.get("data", {}).get("alerts", [])
        return [
            {
                "alertname": alert["labels"]["alertname"],
                "service": alert["labels"].get("service"),
                "state": alert["state"],
            }
            for alert in alerts
        ]

    def _call(self, method: str, *arguments: str | bool) -> Any:  # noqa: ANN401 -- XML-RPC
        try:
            return getattr(self._supervisor.supervisor, method)(*arguments)
        except xmlrpc.client.Error as error:
            message = f"The supervisor refused {method}: {error}"
            raise FaultError(message) from error
        except (OSError, http.client.HTTPException) as error:
            raise FaultError(self._gone("the supervisor", error)) from error

    def _ask(self, url: str, method: str, path: str, content: JsonMap | None) -> JsonMap:
        """One HTTP exchange; a refused connection is tried again, the service may be restarting."""
        deadline = clock.monotonic() + _PATIENCE_S
        while True:
            try:
                return self._exchange(url, method, path, content)
            except ConnectionRefusedError as error:
                if clock.monotonic() > deadline or not self.place.manifest.exists():
                    raise FaultError(self._gone(url, error)) from error
                clock.pause(0.2)
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise FaultError(self._gone(url, error)) from error

    def _exchange(self, url: str, method: str, path: str, content: JsonMap | None) -> JsonMap:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT_S)
        try:
            body = None if content is None else json.dumps(content)
            connection.request(method, path, body, {"X-Lab-Instance": self.facts["instance"]})
            answer: JsonMap = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        return answer

    def _gone(self, what: str, error: Exception) -> str:
        return f"The lab in {self.place.root} does not answer ({what}: {error}). Is it still running?"


def _bad_config(lab: Lab) -> list[str]:
    place = lab.place.repository
    if repository.values(place, "payments")["acquirer_timeout_ms"] <= repository.BAD_ACQUIRER_TIMEOUT_MS:
        return ["bad-config is on already: payments waits only 25 ms for its acquirer."]
    bad = {"acquirer_timeout_ms": repository.BAD_ACQUIRER_TIMEOUT_MS}
    commit = repository.change(place, "payments", bad, _BAD_SUBJECT, repository.PRIYA)
    return [f"{repository.PRIYA.name} committed {commit[:10]} to config.git: {_BAD_SUBJECT} (800 → 25 ms, payments)."]


def _switch(service: str, fault: str, sentence: str) -> Callable[[Lab], list[str]]:
    def inject(lab: Lab) -> list[str]:
        if lab.switches(service)[fault]:
            return [f"It is on already. {sentence}"]
        lab.set_switch(service, fault, on=True)
        return [sentence]

    return inject


FAULTS: dict[str, Callable[[Lab], list[str]]] = {
    "bad-config": _bad_config,
    "leak": _switch("checkout", LEAK, "checkout retains memory: about 2 MB a second, until it dies of it."),
    "red-herring": _switch(
        "inventory", GROWING_JOURNAL, "inventory's stock journal grows without end, and checkout must hold a copy."
    ),
}
