"""Run git: a clean environment, no prompt, no hooks, a time-out and a size limit."""

import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from core import clock
from core.errors import ConsoleError

TIMEOUT_S = 30.0
MAX_BYTES = 4_000_000
CONFIG = """[user]
\tname = Countersign
\temail = countersign@localhost
[safe]
\tdirectory = *
[core]
\thooksPath = /dev/null
\tquotePath = false
[commit]
\tgpgSign = false
[gc]
\tauto = 0
[protocol]
\tallow = never
[protocol "file"]
\tallow = always
[protocol "https"]
\tallow = always
[protocol "http"]
\tallow = always
[protocol "ssh"]
\tallow = always
"""


class GitError(ConsoleError):
    """git said no, or not in time; `facts["said"]` is what it said."""

    code, status, title = "git-failed", 502, "git could not do that"

    @property
    def said(self) -> str:
        """The words of git itself."""
        return str(self.facts.get("said", ""))


@dataclass(frozen=True, slots=True)
class Deadline:
    """When all the git commands of one act must be done."""

    at: float

    @classmethod
    def within(cls, seconds: float) -> "Deadline":
        """A deadline that many seconds from now."""
        return cls(clock.monotonic() + seconds)

    @property
    def left_s(self) -> float:
        """Seconds left, never less than a moment."""
        return max(0.05, min(TIMEOUT_S, self.at - clock.monotonic()))


def home() -> Path:
    """The folder of our private mirrors, with the only configuration that git gets to see."""
    folder = Path(settings.DATA_DIR) / "git"
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "config"
    if not config.exists() or config.read_text(encoding="utf-8") != CONFIG:
        scratch = folder / f"config.{os.getpid()}.{threading.get_ident()}"
        scratch.write_text(CONFIG, encoding="utf-8")
        scratch.replace(config)
    return folder


def run(
    folder: Path, arguments: Sequence[str], *, deadline: Deadline, max_bytes: int = MAX_BYTES, text: str = ""
) -> bytes:
    """Run `git arguments…` in a folder and return its output, cut at `max_bytes`.

    Raises:
        GitError: It failed, or was stopped at the deadline.
    """
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as given:
        given.write(text.encode())
        given.seek(0)
        process = subprocess.Popen(
            ["git", *arguments],
            cwd=folder,
            env=_environment(),
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=said,
            start_new_session=True,
        )
        late = threading.Event()
        watch = threading.Timer(deadline.left_s, _stop, (process, late))
        watch.start()
        try:
            output, is_cut = _read(process, max_bytes)
            status = process.wait()
        finally:
            watch.cancel()
            _stop(process, threading.Event())
        said.seek(0)
        words = said.read(4000).decode("utf-8", "replace").strip()
    if late.is_set():
        detail = f"git {arguments[0]} took too long and was stopped."
        raise GitError(detail, said=words)
    if status != 0 and not is_cut:
        detail = f"git {arguments[0]} failed: {words[-400:] or f'status {status}'}"
        raise GitError(detail, said=words + output[:2000].decode("utf-8", "replace"))
    return output


def _read(process: "subprocess.Popen[bytes]", max_bytes: int) -> tuple[bytes, bool]:
    pipe = process.stdout
    if pipe is None:
        return b"", False
    with pipe:
        output = pipe.read(max_bytes + 1)
        is_cut = len(output) > max_bytes
        if is_cut:
            _stop(process, threading.Event())
    return output[:max_bytes], is_cut


def _stop(process: "subprocess.Popen[bytes]", late: threading.Event) -> None:
    """End git and what it started; `poll` first, so that no other process can have taken the number."""
    if process.poll() is None:
        late.set()
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _environment() -> dict[str, str]:
    folder = home()
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": str(folder / "config"),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "/bin/false",
        "GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oConnectTimeout=10",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
    }
