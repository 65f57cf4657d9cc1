"""A plug-in for supervisord (https://supervisord.org/xmlrpc.html): restarts that happen once per idempotency key.

    [rpcinterface:marks]
    supervisor.rpcinterface_factory = lab.supervisor_marks:make_marks
    journal = /path/marks.jsonl

adds to the XML-RPC interface:

* `marks.look(key)`: the mark that a key left, or an empty struct.
* `marks.restart(process, key)`: writes the mark to the disk, *then* asks the process to end (SIGTERM; `autorestart`
  brings it back). A key that is known already is answered with its mark, and nothing is restarted.
* `marks.generation(process)`: how often the process was started, over all lives of the journal.

A mark is `{process, pid_before, generation}`. Should supervisord die between mark and signal, the process dies with it
(`lab/leash.py`) and is started afresh later: the mark is true in either case.
"""

# ruff: noqa: ANN401 -- the supervisor package has no types

import json
import os
import signal
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from supervisor import events
from supervisor.states import ProcessStates
from supervisor.xmlrpc import Faults, RPCError

_LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Mark:
    """One restart that was ordered.

    Attributes:
        pid_before: the process that was asked to end; 0 when none was running.
        generation: which start of the process that was, counted from 1.
    """

    process: str
    pid_before: int
    generation: int


class Journal:
    """Marks and counts of starts, one JSON object a line; what `record` has returned from is on the disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.marks: dict[str, Mark] = {}
        self.generations: dict[str, int] = {}
        for line in self._whole_lines():
            entry = json.loads(line)
            if "key" in entry:
                self.marks[entry["key"]] = Mark(entry["process"], entry["pid_before"], entry["generation"])
            else:
                self.generations[entry["process"]] = entry["generation"]

    def record(self, key: str, mark: Mark) -> None:
        """Keep a mark, durably."""
        self._append({"key": key, **asdict(mark)}, sync=True)
        self.marks[key] = mark

    def count_start(self, process: str) -> None:
        """One more start of a process."""
        generation = self.generations.get(process, 0) + 1
        self.generations[process] = generation
        self._append({"process": process, "generation": generation}, sync=False)

    def _whole_lines(self) -> list[str]:
        """All complete lines; a last one that a crash cut off is removed, nobody was told of it."""
        if not self._path.exists():
            self._path.touch(mode=0o600)
            _sync(self._path.parent)
            return []
        content = self._path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) != len(content):
            os.truncate(self._path, len(whole))
        return whole.decode().splitlines()

    def _append(self, entry: dict[str, str | int], *, sync: bool) -> None:
        with self._path.open("a") as file:
            file.write(json.dumps(entry) + "\n")
            file.flush()
            if sync:
                os.fsync(file.fileno())


class MarksInterface:
    """What the namespace `marks` answers; supervisord calls it from its one thread, so that calls never overlap."""

    def __init__(self, supervisord: Any, journal: Path) -> None:
        self._supervisord = supervisord
        self._journal = Journal(journal)
        events.subscribe(events.ProcessStateStartingEvent, self._started)

    def look(self, key: str) -> dict[str, str | int]:
        """The mark that a key left, or an empty struct."""
        mark = self._journal.marks.get(key)
        return {} if mark is None else asdict(mark)

    def restart(self, process: str, key: str) -> dict[str, str | int]:
        """Restart a process once for this key."""
        if not key or len(key) > _LONGEST_KEY or not key.isprintable():
            raise RPCError(Faults.BAD_ARGUMENTS, "the key must be 1 to 200 printable characters")
        known = self._journal.marks.get(key)
        if known is not None:
            if known.process != process:
                raise RPCError(Faults.BAD_ARGUMENTS, f"the key was used for {known.process}")
            return asdict(known)
        target = self._find(process)
        mark = Mark(process, target.pid, self._journal.generations.get(process, 0))
        self._journal.record(key, mark)
        if target.pid:
            target.signal(signal.SIGTERM)
        elif target.get_state() != ProcessStates.BACKOFF:
            target.spawn()
        return asdict(mark)

    def generation(self, process: str) -> int:
        """How often a process was started."""
        self._find(process)
        return self._journal.generations.get(process, 0)

    def _find(self, process: str) -> Any:
        group = self._supervisord.process_groups.get(process)
        if group is None or process not in group.processes:
            raise RPCError(Faults.BAD_NAME, process)
        return group.processes[process]

    def _started(self, event: Any) -> None:
        self._journal.count_start(event.process.config.name)


def make_marks(supervisord: Any, journal: str) -> MarksInterface:
    """The factory that supervisord's configuration names."""
    return MarksInterface(supervisord, Path(journal))


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
