"""Where the lab keeps what, and what its processes must know of each other."""

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

DIRECTORY_VARIABLE = "LAB_DIR"
SERVICES = ("gateway", "checkout", "payments", "inventory")


@dataclass(frozen=True, slots=True)
class Layout:
    """The folder of one lab.

    Attributes:
        root: the folder given as `--dir`; everything of the lab lies in it.
    """

    root: Path

    @property
    def repository(self) -> Path:
        """The bare Git repository that holds the services' configuration."""
        return self.root / "config.git"

    @property
    def work_tree(self) -> Path:
        """The reconciler's clone."""
        return self.root / "worktree"

    @property
    def run(self) -> Path:
        """Files of the present start: configuration of the supervisor and the monitor, journal of restarts."""
        return self.root / "run"

    @property
    def logs(self) -> Path:
        """One `<process>.log` per process, plus `<process>.err.log`."""
        return self.root / "logs"

    @property
    def manifest(self) -> Path:
        """`lab.json`: what the console reads; there only while the lab is ready."""
        return self.root / "lab.json"

    @property
    def instance_file(self) -> Path:
        """What the processes of this start know of each other."""
        return self.run / "instance.json"

    @property
    def marks(self) -> Path:
        """The supervisor plug-in's journal; it survives a restart of the lab."""
        return self.root / "marks.jsonl"

    def published(self, service: str) -> Path:
        """The configuration that the reconciler hands to one service."""
        return self.run / "config" / f"{service}.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One start of the lab.

    Attributes:
        id: random; every service repeats it, so that nobody mistakes another program on the port for ours.
        ports: by process name; all on 127.0.0.1.
        webhook: where alerts go.
        password: of the supervisor's XML-RPC, user `lab`.
    """

    id: str
    ports: dict[str, int]
    webhook: str
    password: str
    monitor: str

    def url(self, name: str) -> str:
        """The base address of one process."""
        return f"http://127.0.0.1:{self.ports[name]}"


def here() -> Layout:
    """The lab that this process belongs to, by its environment."""
    return Layout(Path(os.environ[DIRECTORY_VARIABLE]))


def write_instance(layout: Layout, instance: Instance) -> None:
    """Leave the facts of this start where the lab's processes find them."""
    write_atomically(layout.instance_file, json.dumps(asdict(instance)))


def read_instance(layout: Layout) -> Instance:
    """The facts of this start."""
    return Instance(**json.loads(layout.instance_file.read_text()))


def write_atomically(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner alone: a reader sees the old or the new, never a part."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w") as file:
        file.write(text)
    Path(temporary).replace(path)
