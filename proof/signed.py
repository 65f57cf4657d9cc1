"""Read what was signed, in the order of the ledger: first what it claims to be, then whether the signature holds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from proof import canonical
from proof.documents import ACT_PAYLOAD, Act, DocumentError, Statement, parse_act, parse_statement
from proof.envelope import SignatureError
from proof.records import UNPLACED, Record
from proof.registry import Registry
from proof.signatures import Sidecar, Verified, read_sidecar, verify_read

REMEMBERED = 2_048


class NotCountedError(ValueError):
    """A statement or an act that does not count; says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A statement or an act as its sidecar claims it; the signature has not been looked at.

    Attributes:
        place: in the order of the ledger, what is not in it yet at the end.
        index: of the ledger entry; -1 for none yet.
        sidecar_sha256, sha256: digests of the sidecar and of what was signed.
    """

    place: int
    index: int
    sidecar_sha256: str
    sha256: str
    sidecar: Sidecar
    said: Statement | Act

    @property
    def person_id(self) -> str:
        """Who speaks; empty for a service."""
        return self.said.person_id


def read_all(records: Sequence[Record]) -> tuple[list[Claimed], list[str]]:
    """Everything that is a statement or an act, once each, and a sentence for everything else."""
    found: list[Claimed] = []
    reasons: list[str] = []
    seen = set[str]()
    for place, record in enumerate(records):
        read = _read(record.data)
        if isinstance(read, str):
            reasons.append(read)
        elif read.sidecar_sha256 not in seen:
            seen.add(read.sidecar_sha256)
            found.append(replace(read, place=place, index=record.index))
    return found, reasons


@lru_cache(maxsize=REMEMBERED)
def _read(data: bytes) -> Claimed | str:
    """A sidecar taken apart, without its place, or why it cannot be; the same bytes always come to the same."""
    try:
        sidecar = read_sidecar(data)
        said = _said(sidecar)
    except (SignatureError, DocumentError) as error:
        return str(error)
    return Claimed(
        place=0,
        index=UNPLACED,
        sidecar_sha256=canonical.sha256(data),
        sha256=canonical.sha256(sidecar.payload),
        sidecar=sidecar,
        said=said,
    )


def _said(sidecar: Sidecar) -> Statement | Act:
    if sidecar.payload_type == ACT_PAYLOAD:
        return parse_act(sidecar.payload)
    return parse_statement(sidecar.payload)


def verified(claimed: Claimed, registry: Registry) -> Verified:
    """Whose key signed it.

    Raises:
        SignatureError: The signature does not hold.
        NotCountedError: It names another key or person than those that signed it.
    """
    found = verify_read(claimed.sidecar, registry)
    if claimed.said.key_id != found.key_id:
        msg = "A signed statement names another key than the one that signed it."
        raise NotCountedError(msg)
    if claimed.person_id and found.person_id != claimed.person_id:
        msg = f"A statement in the name of {claimed.person_id} is signed with somebody else's key."
        raise NotCountedError(msg)
    return found
