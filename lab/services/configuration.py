"""A service's configuration: what the reconciler published from Git, read again when it changes."""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Configuration:
    """One revision of a service's settings.

    Attributes:
        revision: the commit that last changed the service's file.
        values: the file's content; numbers by name.
    """

    revision: str
    values: dict[str, int]

    def number(self, name: str) -> int:
        """A setting that must be there; a missing one stops the service at its first use, loudly."""
        return self.values[name]


class Source:
    """Watches the published file; looking costs one `stat`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = 0

    def changed(self) -> Configuration | None:
        """The configuration, when it is new since the last call.

        Raises:
            FileNotFoundError: Nothing was ever published.
        """
        seen = self._path.stat().st_mtime_ns
        if seen == self._seen:
            return None
        self._seen = seen
        document = json.loads(self._path.read_text())
        return Configuration(document["revision"], document["values"])
