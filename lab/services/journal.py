"""JSON logs on standard output: one object a line, the sentence first, then fields."""

import json
import sys
from typing import TextIO

from lab import clock

Field = str | int | float | bool


class Journal:
    """Writes one process's log."""

    def __init__(self, service: str, stream: TextIO | None = None) -> None:
        self._service = service
        self._stream = stream or sys.stdout

    def info(self, message: str, **fields: Field) -> None:
        """Something went as it should."""
        self._write("info", message, fields)

    def warning(self, message: str, **fields: Field) -> None:
        """Something to look at, that harmed nobody yet."""
        self._write("warning", message, fields)

    def error(self, message: str, **fields: Field) -> None:
        """Somebody was not served."""
        self._write("error", message, fields)

    def critical(self, message: str, **fields: Field) -> None:
        """The process cannot go on."""
        self._write("critical", message, fields)

    def _write(self, level: str, message: str, fields: dict[str, Field]) -> None:
        line = {"at": clock.rfc3339(clock.timestamp()), "level": level, "service": self._service, "message": message}
        self._stream.write(json.dumps({**line, **fields}, ensure_ascii=False) + "\n")
        self._stream.flush()
