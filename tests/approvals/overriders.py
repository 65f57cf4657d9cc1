"""People who may override, with passkeys in software."""

from approvals import statements
from approvals.models import ApprovalRequest, Override
from approvals.services.change_registry import bring_in_step
from approvals.services.issue_override import issue_override
from approvals.services.record_override import record_override
from core.actors import SYSTEM, Role
from people.services.grant_role import grant_role
from tests.approvals import enrolling
from tests.approvals.authenticator import Authenticator
from tests.approvals.cast import Member


class Overrider:
    """A member with the role, and a passkey that checks its user."""

    def __init__(self, member: Member) -> None:
        grant_role(member.person.handle, Role.OVERRIDE, actor=SYSTEM)
        bring_in_step(member.person, actor=SYSTEM, why="role.granted")
        self.member, self.device = member, Authenticator()
        self.key_id = enrolling.enrol(member, self.device).key_id

    def statement(self, request: ApprovalRequest, reason: str = "It burns.") -> bytes:
        """What is handed out, completed."""
        template = issue_override(request.pk, self.key_id, reason, actor=self.member.actor)
        return statements.filled_in(
            bytes(template.statement), viewed_ms=900, sections_seen=["steps"], comment_commitment=""
        )

    def override(self, request: ApprovalRequest, reason: str = "It burns.") -> Override:
        """Take it on."""
        sidecar = self.device.sign(self.statement(request, reason), self.key_id)
        return record_override(request.pk, sidecar, reason, actor=self.member.actor)
