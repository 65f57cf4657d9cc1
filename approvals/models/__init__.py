"""Changes, requests for approval, people's keys, decisions, policies."""

from approvals.models.act import ActTemplate, SignedAct
from approvals.models.change import Change
from approvals.models.decision import Decision, SigningTemplate
from approvals.models.delegation import Delegation
from approvals.models.draft import Draft, DraftKind, DraftSignature, DraftState
from approvals.models.enrolment import Enrolment, EnrolmentState, Invitation
from approvals.models.key import EnrolmentChallenge, PersonKey, RegistryVersion
from approvals.models.notice import Notice
from approvals.models.override import Override, OverrideReview
from approvals.models.policy import PolicyVersion
from approvals.models.question import Question
from approvals.models.receipt import Receipt
from approvals.models.request import ApprovalRequest, RequestState
from approvals.models.revision import Revision
from approvals.models.standing import StandingApproval, StandingDecision, StandingState
from approvals.models.timer import RequestTimer, TimerKind

__all__ = [
    "ActTemplate",
    "ApprovalRequest",
    "Change",
    "Decision",
    "Delegation",
    "Draft",
    "DraftKind",
    "DraftSignature",
    "DraftState",
    "Enrolment",
    "EnrolmentChallenge",
    "EnrolmentState",
    "Invitation",
    "Notice",
    "Override",
    "OverrideReview",
    "PersonKey",
    "PolicyVersion",
    "Question",
    "Receipt",
    "RegistryVersion",
    "RequestState",
    "RequestTimer",
    "Revision",
    "SignedAct",
    "SigningTemplate",
    "StandingApproval",
    "StandingDecision",
    "StandingState",
    "TimerKind",
]
