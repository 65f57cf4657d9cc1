"""What a checker knows from elsewhere than the bundle (H6)."""

import json
from dataclasses import dataclass

from proof import note
from proof.checkpoint import Checkpoint, CheckpointError, open_signed
from proof.documents.fields import DocumentError, Fields, whole
from proof.keys import load_pem
from proof.note import ED25519, NoteError, VerifierKey
from proof.tlog import hash_lines

WORDS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """Keys and a head, obtained from whom one trusts.

    Attributes:
        root_public: PEM of the registry's first root key; or empty, if the words are given.
        root_words: its twelve words; or empty.
        log: the log's verifier keys, `name+hint+key`.
        witnesses: the witnesses' verifier keys; empty to take the registry's.
        k: how many of these witnesses must have signed the head.
        checkpoint: a head of the log that one has seen elsewhere, signed; or empty.
        path: proof of consistency between it and the bundle's head, where it is the larger one.
    """

    root_public: str = ""
    root_words: str = ""
    log: tuple[str, ...]
    witnesses: tuple[str, ...] = ()
    k: int = 0
    checkpoint: str = ""
    path: tuple[bytes, ...] = ()

    def log_keys(self) -> tuple[VerifierKey, ...]:
        """The log's keys, read."""
        return tuple(note.parse_verifier_key(text) for text in self.log)

    def witness_keys(self) -> tuple[VerifierKey, ...]:
        """The witnesses' keys, read."""
        return tuple(note.parse_verifier_key(text) for text in self.witnesses)

    def head(self) -> Checkpoint | None:
        """The head that was seen elsewhere, if there is one; `read_pinned` has checked its signature."""
        return open_signed(self.checkpoint, self.log_keys()).head if self.checkpoint else None


def read_pinned(text: str) -> Pinned:
    """Read a file of pinned keys: JSON with `root_public` or `root_words`, `log`, and what else there is.

    Raises:
        ValueError: It is not such a file, or what it holds does not fit together.
    """
    pinned = whole(json.loads(text), "keys", _pinned)
    if pinned.root_public:
        load_pem(pinned.root_public)
    elif len(pinned.root_words.split(" ")) != WORDS:
        msg = f"Give root_public, or root_words with its {WORDS} words."
        raise ValueError(msg)
    if not any(key.kind == ED25519 for key in pinned.log_keys()):
        msg = "log holds no Ed25519 key of the log."
        raise ValueError(msg)
    if len({key.name for key in pinned.witness_keys()}) < pinned.k or any(
        key.kind == ED25519 for key in pinned.witness_keys()
    ):
        msg = "witnesses are fewer than k, or one of their keys is not a cosigner's."
        raise ValueError(msg)
    try:
        pinned.head()
    except (NoteError, CheckpointError) as error:
        msg = f"checkpoint: {error}"
        raise ValueError(msg) from error
    return pinned


def _pinned(f: Fields) -> Pinned:
    log = f.take("log")
    return Pinned(
        root_public=_text(f, "root_public"),
        root_words=" ".join(_text(f, "root_words").split()),
        log=(log,) if isinstance(log, str) else _listed(log),
        witnesses=_listed(f.take("witnesses")) if f.has("witnesses") else (),
        k=f.integer("k") if f.has("k") else 0,
        checkpoint=_text(f, "checkpoint"),
        path=hash_lines(_listed(f.take("path"))) if f.has("path") else (),
    )


def _text(f: Fields, name: str) -> str:
    return f.text(name) if f.has(name) else ""


def _listed(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        msg = "keys: a list of texts is missing."
        raise DocumentError(msg)
    return tuple(value)
