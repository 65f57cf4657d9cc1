"""A ledger entry's body: the bytes that are a leaf of the tree."""

import hashlib
from dataclasses import dataclass

from proof.documents.fields import DIGEST, HEX_128, TIME, Fields, document
from proof.documents.types import ENTRY


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Who did what to what, when, and which documents say the rest.

    Attributes:
        documents: (name, sha256) pairs, in the order of the body.
        facts_commitment: SHA-256 of salt and facts; the facts themselves may be shown or erased.
    """

    uid: str
    at: str
    installation: str
    actor: str
    verb: str
    subject: str
    about: tuple[str, ...]
    documents: tuple[tuple[str, str], ...]
    facts_commitment: str


def parse_entry(data: bytes) -> Entry:
    """Read the body of a ledger entry.

    Raises:
        DocumentError: It is not one.
    """
    return document(data, ENTRY, _entry)


def commitment(salt: bytes, facts: bytes) -> str:
    """What an entry's body holds in place of its facts."""
    return hashlib.sha256(salt + facts).hexdigest()


def _entry(f: Fields) -> Entry:
    return Entry(
        uid=f.text("uid", HEX_128),
        at=f.text("at", TIME),
        installation=f.text("installation", HEX_128),
        actor=f.text("actor"),
        verb=f.text("verb"),
        subject=f.text("subject"),
        about=f.texts("about"),
        documents=f.objects("documents", lambda d: (d.text("name"), d.text("sha256", DIGEST))),
        facts_commitment=f.text("facts_commitment", DIGEST),
    )
