"""Key-admins who hold the root, and a recovery key on paper."""

from approvals import drafting, recovery
from approvals.models import Draft
from approvals.roots import PAYLOADS
from approvals.services.change_registry import bring_in_step, hand_root_over
from approvals.services.sign_draft import sign_draft
from core.actors import SYSTEM, Role
from people.services.grant_role import grant_role
from proof.binary import b64
from proof.envelope import pae
from proof.keys import spki_id
from tests.approvals.cast import Member


def make_key_admins(*members: Member) -> None:
    """Grant them the role, and let the registry say so."""
    for member in members:
        grant_role(member.person.handle, Role.KEY_ADMIN, actor=SYSTEM)
        bring_in_step(member.person, actor=SYSTEM, why="role.granted")


def hand_over(*members: Member, seed: bytes = b"", threshold: int = 0) -> Draft:
    """The ceremony: the root becomes these key-admins, and the recovery key if there is a seed of one."""
    make_key_admins(*members)
    public = recovery.public_of(seed) if seed else ""
    draft = hand_root_over(actor=members[0].actor, recovery=public, threshold=threshold)
    for member in members[: draft_threshold(draft)]:
        draft = member.cosign(draft)
    return draft


def draft_threshold(draft: Draft) -> int:
    """How many of the new root must sign."""
    return int(draft.edits[-1]["threshold"])


def cosign_with_paper(draft: Draft, seed: bytes, member: Member) -> Draft:
    """What the recovery key signs, handed in by a key-admin."""
    private, payload_type = recovery.private_of(seed), PAYLOADS[draft.kind]
    made = private.sign(pae(payload_type, drafting.content(draft)))
    signature = {"kind": "ed25519", "key_id": spki_id(private.public_key()), "signature": b64(made)}
    return sign_draft(draft.pk, signature, actor=member.actor)
