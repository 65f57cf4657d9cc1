"""Enrolling a passkey, as a person with an older key does it."""

from approvals.models import Enrolment, PersonKey
from approvals.services.begin_enrolment import begin_passkey
from approvals.services.issue_act_template import issue_act_template
from approvals.services.offer_key import offer_passkey
from approvals.services.prove_possession import particulars_of
from approvals.services.record_act import record_act
from proof.documents import ACT_PAYLOAD
from tests.approvals.authenticator import Authenticator
from tests.approvals.cast import Member

HERE = "session-1"


def offer(member: Member, device: Authenticator, session: str = HERE) -> Enrolment:
    """Let the browser make a passkey."""
    options = begin_passkey(member.person, session=HERE, actor=member.actor)
    return offer_passkey(member.person, device.create(options), label="laptop", session=session, actor=member.actor)


def handed_out(member: Member, found: Enrolment, key_id: str = "", **other: str) -> bytes:
    """The act to sign about a new key, with that key unless another is named."""
    template = issue_act_template(
        "prove-possession",
        f"key:{found.key_id}",
        {**particulars_of(found), **other},
        key_id or found.key_id,
        session=HERE,
        actor=member.actor,
    )
    return bytes(template.statement)


def prove(member: Member, device: Authenticator, found: Enrolment):
    """The new key signs that it is held."""
    signed = device.sign(handed_out(member, found), found.key_id, ACT_PAYLOAD)
    return record_act(signed, session=HERE, actor=member.actor)


def vouch(member: Member, found: Enrolment):
    """The person's older key signs for the new one."""
    signed = member.sign(handed_out(member, found, member.key.key_id), ACT_PAYLOAD)
    return record_act(signed, session=HERE, actor=member.actor)


def enrol(member: Member, device: Authenticator) -> PersonKey:
    """All of it."""
    found = offer(member, device)
    prove(member, device, found)
    vouch(member, found)
    return PersonKey.objects.get(pk=found.key_id)
