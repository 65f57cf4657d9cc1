"""Revert a commit, once per idempotency key: the key stands in the reverting commit's trailer."""

import hashlib
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.base import ActuatorError, DryRun, ReaderError, param
from connectors.git.mirror import BRANCH, SHA, Mirror, checked
from connectors.git.program import TIMEOUT_S, Deadline, GitError, home, run

TRAILER = "Countersign-Idempotency-Key"
KEY = re.compile(r"[0-9A-Za-z_-]{8,128}")
PUSH_REFUSED = ("non-fast-forward", "fetch first", "cannot lock ref", "stale info", "failed to update ref")
ATTEMPTS = 2
MAX_DIFF = 20_000


class Revert:
    """The actuator `git.revert`; params are `commit` and, unless the connection's own is meant, `branch`."""

    def __init__(self, config: Mapping[str, Any], secret: Mapping[str, str]) -> None:  # noqa: ARG002 -- as all actuators
        self.config = config

    def look(self, key: str, step_params: Mapping[str, str]) -> dict[str, Any] | None:
        """The commit on the branch that carries this key, with the branch's head.

        Raises:
            ReaderError: The repository cannot be read.
        """
        try:
            mirror, branch, deadline = self._open(step_params, TIMEOUT_S)
            return _mark(mirror, branch, checked(KEY, key, "key"), deadline)
        except GitError as error:
            raise ReaderError(error.detail) from error

    def act(self, params: Mapping[str, str], key: str, timeout_s: float) -> dict[str, Any]:
        """Revert the commit and push; a branch that moved meanwhile is tried once more.

        Raises:
            ActuatorError: A conflict, nothing to revert, or no push; `uncertain` where the push may have happened.
        """
        commit = param(params, "commit")
        try:
            mirror, branch, deadline = self._open(params, timeout_s)
            checked(KEY, key, "key")
            for attempt in range(ATTEMPTS):
                done = _mark(mirror, branch, key, deadline)
                if done is not None:
                    return done
                result = _revert_and_push(mirror, branch, commit, key, deadline, is_last=attempt + 1 == ATTEMPTS)
                if result is not None:
                    return result
                mirror.fetch(deadline)
        except GitError as error:
            raise ActuatorError(error.detail, uncertain="too long" in error.detail) from error
        detail = f"{branch} kept moving while the revert was being pushed. Try again."
        raise ActuatorError(detail, uncertain=False)

    def dry_run(self, params: Mapping[str, str]) -> DryRun:
        """Whether the revert would apply cleanly now, and the diff that it would make.

        Raises:
            ReaderError: The repository cannot be read.
        """
        try:
            mirror, branch, deadline = self._open(params, TIMEOUT_S)
            with tempfile.TemporaryDirectory(dir=home(), prefix="dry-") as scratch:
                clone = _clone(mirror, branch, Path(scratch), deadline)
                _apply(clone, mirror, branch, param(params, "commit"), deadline)
                plain = ["--cached", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames"]
                diff = run(clone, ["diff", *plain], deadline=deadline, max_bytes=MAX_DIFF + 1).decode(
                    "utf-8", "replace"
                )
                names = run(clone, ["diff", *plain, "--name-only", "-z"], deadline=deadline).decode("utf-8", "replace")
        except GitError as error:
            raise ReaderError(error.detail) from error
        except ActuatorError as error:
            return DryRun(applies=False, sentence=error.detail)
        if len(diff) > MAX_DIFF:
            diff = f"{diff[:MAX_DIFF]}\n… cut at {MAX_DIFF:,} characters\n"
        files = tuple(name for name in names.split("\0") if name)
        return DryRun(applies=True, sentence=f"The revert applies cleanly to {branch}.", diff=diff, files=files)

    def may_act(self, params: Mapping[str, str]) -> DryRun:
        """Whether this account may push to the branch: git is asked to push what is there already, without doing it.

        Raises:
            ReaderError: The repository cannot be read.
        """
        try:
            mirror, branch, deadline = self._open(params, TIMEOUT_S)
            head = mirror.head(branch, deadline)
        except GitError as error:
            raise ReaderError(error.detail) from error
        try:
            mirror.git(
                "push", "--dry-run", "--quiet", "--", mirror.origin, f"{head}:refs/heads/{branch}", deadline=deadline
            )
        except GitError as error:
            return DryRun(applies=False, sentence=f"git does not let this account push to {branch}. {error.detail}")
        return DryRun(applies=True, sentence=f"git lets this account push to {branch}.")

    def probe(self, name: str, params: Mapping[str, str]) -> str:
        """A fact about the repository as one word.

        `commit-on-branch` and `git-head-contains` (commit): yes or no. `file-sha256` (path): hex or `absent`.
        `git-head`: the branch's commit. `revert-applies` (commit): yes or no.

        Raises:
            ReaderError: The repository cannot be read.
            ActuatorError: No such probe, or a parameter is missing.
        """
        if name == "revert-applies":
            return "yes" if self.dry_run(params).applies else "no"
        try:
            mirror, branch, deadline = self._open(params, TIMEOUT_S)
            if name in {"commit-on-branch", "git-head-contains"}:
                return "yes" if mirror.contains(branch, param(params, "commit"), deadline) else "no"
            if name == "file-sha256":
                return _file_sha256(mirror, branch, param(params, "path"), deadline)
            if name == "git-head":
                return mirror.head(branch, deadline)
        except GitError as error:
            raise ReaderError(error.detail) from error
        detail = f"git has no probe {name!r}."
        raise ActuatorError(detail)

    def _open(self, params: Mapping[str, str], timeout_s: float) -> tuple[Mirror, str, Deadline]:
        mirror = Mirror(self.config)
        deadline = Deadline.within(timeout_s)
        mirror.fetch(deadline)
        return mirror, checked(BRANCH, params.get("branch") or mirror.branch, "branch"), deadline


def _mark(mirror: Mirror, branch: str, key: str, deadline: Deadline) -> dict[str, Any] | None:
    form = f"--format=%H%x1f%(trailers:key={TRAILER},valueonly,separator=%x20)"
    grep = ["--fixed-strings", f"--grep={TRAILER}: {key}"]
    found = mirror.git("log", *grep, form, f"refs/heads/{branch}", "--", deadline=deadline)
    for line in found.splitlines():
        sha, _, keys = line.partition("\x1f")
        if key in keys.split():
            return {"commit": sha, "head": mirror.head(branch, deadline)}
    return None


def _clone(mirror: Mirror, branch: str, scratch: Path, deadline: Deadline) -> Path:
    clone = scratch / "clone"
    quiet = ["--quiet", "--shared", "--single-branch", "--no-tags"]
    run(scratch, ["clone", *quiet, "--branch", branch, "--", str(mirror.folder), str(clone)], deadline=deadline)
    return clone


def _apply(clone: Path, mirror: Mirror, branch: str, commit: str, deadline: Deadline) -> str:
    """Put the inverse of a commit into the clone's index; return the commit's full name."""
    if not mirror.contains(branch, commit, deadline):
        detail = f"{commit[:12]} is not on {branch}, so there is nothing to revert."
        raise ActuatorError(detail, uncertain=False)
    full, *parents = mirror.git(
        "rev-list", "--parents", "-n1", checked(SHA, commit, "commit"), deadline=deadline
    ).split()
    if len(parents) != 1:
        detail = f"{commit[:12]} is a merge or the first commit; a person has to undo it."
        raise ActuatorError(detail, uncertain=False)
    try:
        run(clone, ["revert", "--no-commit", full], deadline=deadline)
    except GitError as error:
        if "conflict" not in error.said.lower() and "could not revert" not in error.said.lower():
            raise
        detail = f"Reverting {commit[:12]} conflicts with later commits on {branch}; a person has to undo it."
        raise ActuatorError(detail, uncertain=False, conflict=True) from error
    return full


def _revert_and_push(
    mirror: Mirror, branch: str, commit: str, key: str, deadline: Deadline, *, is_last: bool
) -> dict[str, Any] | None:
    """The result, or None where the branch moved and there is another attempt."""
    with tempfile.TemporaryDirectory(dir=home(), prefix="act-") as scratch:
        clone = _clone(mirror, branch, Path(scratch), deadline)
        full = _apply(clone, mirror, branch, commit, deadline)
        subject = mirror.git("show", "--no-patch", "--format=%s", full, "--", deadline=deadline).strip()
        message = f'Revert "{subject}"\n\nThis reverts commit {full}.\n\n{TRAILER}: {key}\n'
        _commit(clone, branch, message, deadline)
        made = run(clone, ["rev-parse", "HEAD"], deadline=deadline).decode().strip()
        try:
            run(clone, ["push", "--quiet", "--", mirror.origin, f"HEAD:refs/heads/{branch}"], deadline=deadline)
        except GitError as error:
            if any(word in error.said for word in PUSH_REFUSED) and not is_last:
                return None
            detail = f"The revert was made but not pushed to {branch}. {error.detail}"
            raise ActuatorError(detail, uncertain="too long" in error.detail) from error
    return {"commit": made, "head": made}


def _commit(clone: Path, branch: str, message: str, deadline: Deadline) -> None:
    try:
        run(clone, ["diff", "--cached", "--quiet"], deadline=deadline)
    except GitError:
        run(clone, ["commit", "--quiet", "--cleanup=verbatim", "--file=-"], deadline=deadline, text=message)
        return
    detail = f"Nothing on {branch} would change: the commit's effect is undone already."
    raise ActuatorError(detail, uncertain=False)


def _file_sha256(mirror: Mirror, branch: str, path: str, deadline: Deadline) -> str:
    if path.startswith(("-", "/")) or "\0" in path or "\n" in path:
        detail = f"{path[:80]!r} is not a path in a repository."
        raise GitError(detail)
    mirror.head(branch, deadline)
    listed = mirror.git("ls-tree", "-z", f"refs/heads/{branch}", "--", path, deadline=deadline)
    parts = listed.partition("\t")[0].split()
    if len(parts) != 3 or parts[1] != "blob":
        return "absent"
    return hashlib.sha256(run(mirror.folder, ["cat-file", "blob", parts[2]], deadline=deadline)).hexdigest()
