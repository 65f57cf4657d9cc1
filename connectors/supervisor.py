"""supervisord 4, over XML-RPC: http://supervisord.org/api.html , with the `marks` extension for idempotent restarts."""

import json
import time
import xmlrpc.client  # the protocol that supervisord speaks; sizes are capped, expat refuses entity bombs
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from xml.parsers.expat import ExpatError

from connectors import http
from connectors.base import ActuatorError, DryRun, LogLine, ReaderError, first, param
from core import clock

POLL_S = 0.1
MAX_LOG_BYTES = 1_000_000
RUNNING = "RUNNING"
RESTART = "marks.restart"
BAD_NAME = 10  # supervisor.xmlrpc.Faults


class Fault(Exception):  # noqa: N818 -- supervisord's own word for it
    """supervisord understood and said no."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


class Supervisor:
    """A `LogReader` and the actuator `supervisor.restart`."""

    def __init__(self, config: Mapping[str, Any], secret: Mapping[str, str]) -> None:
        url = str(config.get("url", "")).rstrip("/")
        self.url = url if url.endswith("/RPC2") else f"{url}/RPC2"
        user = secret.get("user") or str(config.get("user", ""))
        password = secret.get("password") or str(config.get("password", ""))
        self.auth = (user, password) if user else None
        self.timeout_s = float(config.get("timeout_s", http.TIMEOUT_S))

    # --- reading ---------------------------------------------------------------------------------------------------
    def tail(self, process: str, *, max_bytes: int) -> list[LogLine]:
        """The last lines of a process's standard output, oldest first; a first line cut in half is left out.

        Raises:
            ReaderError: No answer, or no such process.
        """
        wanted = max(1, min(max_bytes, MAX_LOG_BYTES))
        answer = self._read("supervisor.tailProcessStdoutLog", process, 0, wanted)
        text, overflow = (
            (str(answer[0]), bool(answer[2])) if isinstance(answer, list) and len(answer) == 3 else ("", False)
        )
        lines = text.splitlines()
        return [_line(line) for line in (lines[1:] if overflow else lines) if line.strip()]

    def state(self, process: str) -> str:
        """`RUNNING`, `STOPPED`, `FATAL`…, in supervisord's words.

        Raises:
            ReaderError: No answer, or no such process.
        """
        return str(self._info(process).get("statename", ""))

    def probe(self, name: str, params: Mapping[str, str]) -> str:
        """`process-start`: which start of the process runs; `process-state`: its state.

        Raises:
            ReaderError: No answer, or no such process.
            ActuatorError: No such probe.
        """
        info = self._info(param(params, "process"))
        if name == "process-start":
            return f"pid {info.get('pid', 0)} since {info.get('start', 0)}"
        if name == "process-state":
            return str(info.get("statename", ""))
        detail = f"supervisor has no probe {name!r}."
        raise ActuatorError(detail)

    def may_act(self, params: Mapping[str, str]) -> DryRun:
        """Whether this account could restart the process, asked before any person is.

        Raises:
            ReaderError: No answer, wrong password, or no such process.
        """
        process = param(params, "process")
        methods = self._read("system.listMethods")
        if not isinstance(methods, list) or RESTART not in methods:
            return DryRun(applies=False, sentence=f"supervisor does not offer {RESTART} to this account.")
        self._info(process)
        return DryRun(applies=True, sentence=f"supervisor lets this account restart {process}.")

    # --- acting ----------------------------------------------------------------------------------------------------
    def look(self, key: str, step_params: Mapping[str, str]) -> dict[str, Any] | None:  # noqa: ARG002 -- the protocol
        """The mark of a restart with this key: process, pid before, generation.

        Raises:
            ReaderError: No answer.
        """
        mark = self._read("marks.look", key)
        return dict(mark) if isinstance(mark, dict) and mark else None

    def act(self, params: Mapping[str, str], key: str, timeout_s: float) -> dict[str, Any]:
        """Restart a process once per key and wait until another pid of it runs.

        Raises:
            ActuatorError: Refused, no answer, or not running again in time; `uncertain` where it may have happened.
        """
        process = param(params, "process")
        deadline = clock.monotonic() + timeout_s
        try:
            mark = self._call(RESTART, process, key, timeout_s=min(timeout_s, self.timeout_s))
        except Fault as error:
            detail = f"supervisor did not restart {process}: {error.text}"
            raise ActuatorError(detail, uncertain=False) from error
        except http.UnreachableError as error:
            detail = f"supervisor: {error.detail}"
            raise ActuatorError(detail, uncertain=True) from error
        if not isinstance(mark, dict):
            detail = "supervisor answered the restart with what is no mark."
            raise ActuatorError(detail, uncertain=True)
        return {**mark, "pid_after": self._wait_for_another(process, mark.get("pid_before"), deadline, timeout_s)}

    def _wait_for_another(self, process: str, pid_before: object, deadline: float, timeout_s: float) -> int:
        while True:
            try:
                info = self._info(process)
            except ReaderError as error:
                detail = f"Lost sight of {process} after its restart. {error.detail}"
                raise ActuatorError(detail, uncertain=True) from error
            if info.get("statename") == RUNNING and info.get("pid") not in {0, pid_before}:
                return int(info["pid"])
            if clock.monotonic() > deadline:
                seen = f"{process} is {info.get('statename')} and did not run again within {timeout_s:g} s."
                raise ActuatorError(seen, uncertain=True)
            time.sleep(POLL_S)

    # --- the wire --------------------------------------------------------------------------------------------------
    def _info(self, process: str) -> dict[str, Any]:
        info = self._read("supervisor.getProcessInfo", process)
        if not isinstance(info, dict):
            detail = f"supervisor said nothing about {process}."
            raise ReaderError(detail)
        return info

    def _read(self, method: str, *args: str | int) -> object:
        try:
            return self._call(method, *args)
        except Fault as error:
            named = (
                f"supervisor knows no process {args[0]!r}." if error.code == BAD_NAME else f"supervisor: {error.text}"
            )
            raise ReaderError(named, fault=error.code) from error
        except http.UnreachableError as error:
            detail = f"supervisor: {error.detail}"
            raise ReaderError(detail) from error

    def _call(self, method: str, *args: str | int, timeout_s: float | None = None) -> object:
        reply = http.send(
            "POST",
            self.url,
            headers={"Content-Type": "text/xml"},
            content=xmlrpc.client.dumps(args, method).encode(),
            auth=self.auth,
            timeout_s=timeout_s or self.timeout_s,
        )
        if not reply.is_ok:
            detail = f"it answered with HTTP {reply.status}; look at its address and password."
            raise http.UnreachableError(detail)
        try:
            values, _ = xmlrpc.client.loads(reply.body.decode("utf-8", "replace"))
            return values[0]
        except xmlrpc.client.Fault as error:
            raise Fault(error.faultCode, error.faultString) from error
        except (ExpatError, xmlrpc.client.ResponseError, ValueError, LookupError, TypeError) as error:
            detail = "it answered with what is no XML-RPC."
            raise http.UnreachableError(detail) from error


def _line(text: str) -> LogLine:
    """A JSON object a line as our services write it; anything else is a message without fields."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        return LogLine(at=None, level="", message=text[:2000])
    message = first(("message", "msg", "event"), said)
    known = {"message", "msg", "event", "level", "severity", "at", "ts", "time", "timestamp"}
    return LogLine(
        at=_moment(first(("at", "ts", "time", "timestamp"), said)),
        level=str(first(("level", "severity"), said) or "").lower(),
        message=str(message if message is not None else "")[:2000],
        fields={name: value for name, value in said.items() if name not in known},
    )


def _moment(value: object) -> datetime | None:
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        moment = datetime.fromisoformat(str(value))
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
