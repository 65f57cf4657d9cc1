"""An act: whatever a person signs that is no decision, such as revoking a key or lending their right to sign."""

from dataclasses import dataclass

from proof.documents.change import Named
from proof.documents.fields import DIGEST, HEX_128, SLUG, TIME, DocumentError, Fields, document
from proof.documents.statement import log_head
from proof.documents.types import ACT, ACTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a person does by signing.

    Attributes:
        kind: one of `ACTS`.
        subject: what it is done to, such as `key:<id>`, `delegation:<id>`, `change:<digest>`.
        particulars: the rest, sorted by name.
        log: origin, size and root of the log as the signer's side saw it.
    """

    kind: str
    person_id: str
    key_id: str
    installation: str
    registry_version: int
    subject: str
    particulars: tuple[Named, ...]
    nonce: str
    issued_at: str
    expires_at: str
    log: tuple[str, int, str]

    def value(self, name: str) -> str:
        """A particular by name; empty if it is not given."""
        return next((item.value for item in self.particulars if item.name == name), "")


def parse_act(data: bytes) -> Act:
    """Read the bytes of an act.

    Raises:
        DocumentError: They are not an act of a kind that is known.
    """
    act = document(data, ACT, _act)
    names = [item.name for item in act.particulars]
    if names != sorted(set(names)):
        msg = "The particulars of an act are sorted by name, each once."
        raise DocumentError(msg)
    return act


def _act(f: Fields) -> Act:
    return Act(
        kind=f.one_of("kind", ACTS),
        person_id=f.text("person_id", SLUG),
        key_id=f.text("key_id", DIGEST),
        installation=f.text("installation", HEX_128),
        registry_version=f.integer("registry_version", minimum=1),
        subject=f.text("subject"),
        particulars=f.objects("particulars", lambda p: Named(name=p.text("name"), value=p.text("value"))),
        nonce=f.text("nonce", HEX_128),
        issued_at=f.text("issued_at", TIME),
        expires_at=f.text("expires_at", TIME),
        log=f.nested("log", log_head),
    )
