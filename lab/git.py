"""Run git the same way everywhere: no settings of this machine, no prompts, no background work, bounded in time."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

_LIMIT_S = 30
_SETTINGS = {
    "gc.auto": "0",
    "maintenance.auto": "false",
    "init.defaultBranch": "main",
    "commit.gpgSign": "false",
    "advice.detachedHead": "false",
    "safe.directory": "*",
}


class GitError(Exception):
    """Git refused; the text is what it said."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who a commit is by."""

    name: str
    email: str


def run(folder: Path, *arguments: str, author: Author | None = None, date: str = "") -> str:
    """One git command in a folder; returns what it printed.

    Raises:
        GitError: It failed.
    """
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        env=_environment(author, date),
        capture_output=True,
        text=True,
        timeout=_LIMIT_S,
        check=False,
    )
    if done.returncode != 0:
        message = f"git {arguments[0]}: {done.stderr.strip() or done.stdout.strip()}"
        raise GitError(message)
    return done.stdout.strip()


def _environment(author: Author | None, date: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    settings = {"GIT_CONFIG_COUNT": str(len(_SETTINGS))}
    for index, (name, value) in enumerate(_SETTINGS.items()):
        settings |= {f"GIT_CONFIG_KEY_{index}": name, f"GIT_CONFIG_VALUE_{index}": value}
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_TERMINAL_PROMPT": "0"}
    result = {**kept, **quiet, **settings}
    if author is not None:
        for role in ("AUTHOR", "COMMITTER"):
            result |= {f"GIT_{role}_NAME": author.name, f"GIT_{role}_EMAIL": author.email}
            if date:
                result[f"GIT_{role}_DATE"] = date
    return result
