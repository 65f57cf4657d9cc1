"""What was changed lately."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.base import Commit, ReaderError
from connectors.git.mirror import Mirror
from connectors.git.program import TIMEOUT_S, Deadline, GitError

MOST_COMMITS = 50
MOST_FILES = 200
MAX_DIFF = 20_000


class Changes:
    """A `ChangeReader` over one branch."""

    def __init__(self, config: Mapping[str, Any], secret: Mapping[str, str]) -> None:  # noqa: ARG002 -- as all readers
        self.config = config

    def recent(self, since: datetime) -> list[Commit]:
        """The newest commits since a moment, newest first, with files and the diff against the first parent.

        Raises:
            ReaderError: The repository cannot be read.
        """
        try:
            mirror = Mirror(self.config)
            deadline = Deadline.within(TIMEOUT_S)
            mirror.fetch(deadline)
            return [_commit(mirror, record, deadline) for record in _log(mirror, since, deadline)]
        except GitError as error:
            raise ReaderError(error.detail) from error


def _log(mirror: Mirror, since: datetime, deadline: Deadline) -> list[list[str]]:
    wanted = ["--first-parent", f"--max-count={MOST_COMMITS}", f"--since={since.astimezone(UTC).isoformat()}"]
    form = "--format=%H%x1f%ct%x1f%an%x1f%s%x1e"
    text = mirror.git("log", *wanted, form, f"refs/heads/{mirror.branch}", "--", deadline=deadline)
    return [record.strip("\n").split("\x1f") for record in text.split("\x1e") if record.count("\x1f") >= 3]


def _commit(mirror: Mirror, record: list[str], deadline: Deadline) -> Commit:
    sha, seconds, author, subject = record[0], record[1], record[2], " ".join(record[3:])
    show = ["show", "--format=", "--first-parent", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames"]
    files = mirror.git(*show, "--name-only", "-z", sha, "--", deadline=deadline).split("\0")
    diff = mirror.git(*show, "--unified=3", sha, "--", deadline=deadline, max_bytes=MAX_DIFF + 1)
    return Commit(
        sha=sha,
        at=datetime.fromtimestamp(int(seconds), UTC),
        author=author[:120],
        subject=subject[:300],
        files=tuple(name.strip("\n") for name in files if name.strip("\n"))[:MOST_FILES],
        diff=diff if len(diff) <= MAX_DIFF else f"{diff[:MAX_DIFF]}\n… cut at {MAX_DIFF:,} characters\n",
    )
