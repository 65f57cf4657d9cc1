"""Deciding, as a person with an SSH key does it."""

from approvals import statements
from approvals.models import ApprovalRequest, Decision, SigningTemplate
from approvals.services.issue_template import issue_template
from approvals.services.record_decision import record_decision
from tests.approvals.cast import Member


def handed_out(request: ApprovalRequest, member: Member, verdict: str = "approve") -> SigningTemplate:
    """A statement for this person's own key."""
    return issue_template(request.pk, verdict, member.key.key_id, actor=member.actor)


def decide(request: ApprovalRequest, member: Member, verdict: str = "approve", comment: str = "") -> Decision:
    """Take a statement, complete it, sign it, hand it in."""
    template = handed_out(request, member, verdict)
    signed = statements.filled_in(
        bytes(template.statement),
        viewed_ms=4_200,
        sections_seen=["steps", "diff"],
        comment_commitment=statements.commitment(bytes(template.comment_salt), comment),
    )
    return record_decision(request.pk, member.sign(signed), comment, actor=member.actor)


def state_of(request: ApprovalRequest) -> str:
    """As it stands in the database now."""
    return ApprovalRequest.objects.get(pk=request.pk).state
