"""All that anybody needs to judge a change without believing us: raw bytes, re-hashed, nothing interpreted."""

from dataclasses import dataclass

from approvals import registry
from approvals.models import PolicyVersion
from approvals.settling import records_of
from audit import ledger
from core.errors import NotFoundError
from proof.documents import parse_change
from proof.records import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """A change with everything that speaks for or against it.

    Attributes:
        change_bytes: the canonical bytes, of the digest that was asked for.
        records: signed statements about it and acts that bear on them, with their places in the ledger.
        registry_chain: (document, signatures file) of every version of the registry, oldest first.
        policy_bytes, policy_signature: the policy bundle and its signatures file.
    """

    change_bytes: bytes
    records: list[Record]
    registry_chain: list[tuple[bytes, bytes]]
    policy_bytes: bytes
    policy_signature: bytes


def dossier(change_digest: str, *, as_made: bool = False) -> Dossier:
    """The dossier of a change.

    Args:
        change_digest: SHA-256 of its bytes.
        as_made: give the policy that the change was made under, for the record, instead of the one in force, which
            alone may let it run.

    Raises:
        NotFoundError: The change, or its policy, is not kept here.
        TamperedError: Stored bytes do not have their digest any more.
    """
    change_bytes = ledger.fetch(change_digest)
    row = _policy_of(change_bytes) if as_made else PolicyVersion.objects.order_by("-version").first()
    if row is None:
        detail = "The policy of this change is not kept here."
        raise NotFoundError(detail)
    return Dossier(
        change_bytes=change_bytes,
        records=records_of(change_digest),
        registry_chain=registry.chain(),
        policy_bytes=ledger.fetch(row.sha256),
        policy_signature=ledger.fetch(row.signature_sha256),
    )


def _policy_of(change_bytes: bytes) -> PolicyVersion | None:
    return PolicyVersion.objects.filter(sha256=parse_change(change_bytes).policy_sha256).first()
