"""Its HTTP: `/api/now/table/…`, `/oauth_token.do`, and `/lab/…` for whoever makes it misbehave."""

from pathlib import Path
from typing import Any

from lab.fakes import Answer, FakeServer, Wire
from lab.servicenow import table_api
from lab.servicenow.instance import Instance


class Server(FakeServer):
    """One instance on a port of this computer."""

    def __init__(self, port: int = 0, file: Path | None = None) -> None:
        self.instance = Instance(file)
        super().__init__(port, self.instance.habits, self.instance.asked)

    def serve(self, wire: Wire) -> Answer:
        """Answer as an instance does."""
        return table_api.serve(self.instance, wire)

    def loses(self, wire: Wire) -> bool:
        """Whether it is a write; a token that is asked for is none."""
        return super().loses(wire) and wire.path.startswith("/api/")

    def control(self, method: str, verb: str, said: dict[str, Any]) -> Answer:
        """`habits`, `reset`, `time`; `record` acts as one of its users; `requests`, `webhooks`, `rows` tell."""
        instance = self.instance
        told: dict[str, Any] = {}
        if verb == "habits" and method == "POST":
            told = {"unknown": instance.habits.set(said)}
            instance.store.everybody = instance.habits.everybody
        elif verb == "reset":
            instance.habits.forget()
            instance.store.everybody = False
            instance.reset()
        elif verb == "time":
            instance.store.shift_s = float(said["shift_s"])
        elif verb == "record":
            told = {"result": instance.act(said)}
        else:
            told = _report(instance, verb, said)
        return Answer(400 if told.get("unknown") else 200, told)


def _report(instance: Instance, verb: str, said: dict[str, Any]) -> dict[str, Any]:
    if verb == "requests":
        return {"requests": instance.asked}
    if verb == "webhooks":
        instance.rules.settle()
        return {"webhooks": instance.rules.sent}
    if verb == "rows":
        return {"rows": instance.noted(said["table"], said.get("query", ""))}
    return {"unknown": [verb]}
