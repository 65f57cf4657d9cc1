"""Whether to sign a head: the rules of https://c2sp.org/tlog-witness, `add-checkpoint`, in their order."""

import hashlib
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from audit.witness.keys import Identity
from audit.witness.state import Seen, State, Turn
from proof import checkpoint, merkle
from proof.checkpoint import Checkpoint, CheckpointError
from proof.note import NoteError, VerifierKey
from proof.tlog import TlogError, read_submission

SIZE_TYPE, TEXT_TYPE = "text/x.tlog.size", "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back over HTTP."""

    status: int
    body: str
    kind: str = TEXT_TYPE


class _RefusedError(Exception):
    """A submission that is answered without being looked at further."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__(answer.body)


class Judge:
    """Answers submissions for the logs that it knows."""

    def __init__(self, identity: Identity, state: State, logs: Iterable[VerifierKey]) -> None:
        self._identity = identity
        self._state = state
        self._logs: dict[str, list[VerifierKey]] = {}
        for key in logs:
            self._logs.setdefault(key.name, []).append(key)
        self._places = {hashlib.sha256(origin.encode()).hexdigest(): origin for origin in self._logs}

    @property
    def logs(self) -> Mapping[str, list[VerifierKey]]:
        """The known logs' keys by origin."""
        return self._logs

    def newest(self, place: str) -> Answer:
        """The newest head that was signed here, for `GET /<SHA-256 of the origin>/checkpoint`."""
        seen = self._state.seen(self._places.get(place, ""))
        return Answer(status=404, body="Nothing is known of such a log.\n") if seen is None else _ok(seen.note)

    def add_checkpoint(self, body: str) -> Answer:
        """Check a submission and sign it, or say why not."""
        try:
            old_size, path, note = read_submission(body)
            head, text = self._opened(note)
        except TlogError as error:
            return Answer(status=400, body=f"{error}\n")
        except _RefusedError as refused:
            return refused.answer
        if old_size > head.size:
            return Answer(status=400, body="The old size is larger than the checkpoint's.\n")
        with self._state.alone() as turn:
            seen = turn.seen(head.origin) or Seen(size=0, root=merkle.EMPTY_ROOT)
            refusal = _refusal(seen, old_size, path, head)
            if refusal is not None:
                turn.keep_refused(head.origin, f"{refusal.status} at {seen.size}", body, _now())
                return refusal
            return self._sign(turn, head, text, max(_now(), seen.time))

    def _opened(self, note: str) -> tuple[Checkpoint, str]:
        """The head in a note that a known log signed, and the note with that log's lines alone."""
        keys = self._logs.get(note.partition("\n")[0])
        if keys is None:
            raise _RefusedError(Answer(status=404, body="This log is not known here.\n"))
        try:
            opened = checkpoint.open_signed(note, keys)
        except (NoteError, CheckpointError) as error:
            raise _RefusedError(Answer(status=403, body=f"{error}\n")) from error
        return opened.head, opened.note.text + "\n" + _lines(note, keys)

    def _sign(self, turn: Turn, head: Checkpoint, text: str, time: int) -> Answer:
        lines = self._identity.cosign(text, time=time)
        turn.remember(head.origin, Seen(size=head.size, root=head.root, note=text + lines, time=time))
        return _ok(lines)


def _refusal(seen: Seen, old_size: int, path: tuple[bytes, ...], head: Checkpoint) -> Answer | None:
    """Why a head may not follow the one that was seen; None if it may."""
    if old_size != seen.size or (old_size == head.size and head.root != seen.root):
        return Answer(status=409, body=f"{seen.size}\n", kind=SIZE_TYPE)
    if old_size in {0, head.size}:
        # Nothing is to be proved: from the empty tree on everything grows, and equal heads are equal.
        grows = not path
    else:
        grows = merkle.verify_consistency(old_size, head.size, old_root=seen.root, new_root=head.root, proof=path)
    return None if grows else Answer(status=422, body="The proof does not show that the log only grew.\n")


def _lines(note: str, keys: Iterable[VerifierKey]) -> str:
    """The log's own lines of a note; others' are nothing to us."""
    names = {key.name for key in keys}
    lines = note.rpartition("\n\n")[2].splitlines(keepends=True)
    return "".join(line for line in lines if line.split(" ")[1] in names)


def _ok(body: str) -> Answer:
    return Answer(status=200, body=body)


def _now() -> int:
    return int(time.time())  # noqa: TID251 -- the product's clock is not on a witness's machine
