"""Our private copy of a repository."""

import fcntl
import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from connectors.git.program import MAX_BYTES, Deadline, GitError, home, run

SHA = re.compile(r"[0-9a-f]{7,64}")
BRANCH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}")
URL = re.compile(r"(/|https?://|ssh://|file:///|[A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+:)\S[^\0\n]*")


class Mirror:
    """A bare mirror of one repository's branches, brought up to date before each use."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.origin = str(config.get("path") or config.get("url") or "")
        self.branch = checked(BRANCH, str(config.get("branch") or "main"), "branch")
        checked(URL, self.origin, "repository")
        self.folder = home() / f"{hashlib.sha256(self.origin.encode()).hexdigest()[:24]}.git"

    def fetch(self, deadline: Deadline) -> None:
        """Bring the mirror up to date; several processes take turns.

        Raises:
            GitError: The repository cannot be read.
        """
        with self._turn():
            if not (self.folder / "HEAD").exists():
                run(self.folder.parent, ["init", "--quiet", "--bare", str(self.folder)], deadline=deadline)
            refs = ["+refs/heads/*:refs/heads/*"]
            run(self.folder, ["fetch", "--quiet", "--prune", "--no-tags", self.origin, *refs], deadline=deadline)

    def git(self, *arguments: str, deadline: Deadline, max_bytes: int = MAX_BYTES) -> str:
        """The output of a git command in the mirror, as text.

        Raises:
            GitError: It failed or took too long.
        """
        return run(self.folder, arguments, deadline=deadline, max_bytes=max_bytes).decode("utf-8", "replace")

    def head(self, branch: str, deadline: Deadline) -> str:
        """The commit that a branch points to.

        Raises:
            GitError: There is no such branch.
        """
        checked(BRANCH, branch, "branch")
        return self.git(
            "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}^{{commit}}", deadline=deadline
        ).strip()

    def contains(self, branch: str, commit: str, deadline: Deadline) -> bool:
        """Whether a commit is on a branch.

        Raises:
            GitError: There is no such branch.
        """
        checked(SHA, commit, "commit")
        self.head(branch, deadline)
        try:
            self.git("merge-base", "--is-ancestor", commit, f"refs/heads/{branch}", deadline=deadline)
        except GitError as error:
            if "too long" in error.detail:
                raise
            return False
        return True

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with Path(f"{self.folder}.lock").open("w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def checked(form: "re.Pattern[str]", value: str, what: str) -> str:
    """A value that cannot be taken for an option or for more than one word.

    Raises:
        GitError: It is not of that form.
    """
    if not form.fullmatch(value) or ".." in value:
        detail = f"{value[:80]!r} is not a {what} that git can be asked about."
        raise GitError(detail)
    return value
