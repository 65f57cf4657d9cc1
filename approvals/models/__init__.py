"""Changes, requests for approval, people's keys, decisions, policies."""

from approvals.models.change import Change
from approvals.models.decision import Decision, SigningTemplate
from approvals.models.delegation import Delegation
from approvals.models.key import EnrolmentChallenge, PersonKey, RegistryVersion
from approvals.models.override import Override, OverrideReview
from approvals.models.policy import PolicyVersion
from approvals.models.question import Question
from approvals.models.request import ApprovalRequest, RequestState
from approvals.models.revision import Revision
from approvals.models.standing import StandingApproval, StandingDecision, StandingState
from approvals.models.timer import RequestTimer, TimerKind

__all__ = [
    "ApprovalRequest",
    "Change",
    "Decision",
    "Delegation",
    "EnrolmentChallenge",
    "Override",
    "OverrideReview",
    "PersonKey",
    "PolicyVersion",
    "Question",
    "RegistryVersion",
    "RequestState",
    "RequestTimer",
    "Revision",
    "SigningTemplate",
    "StandingApproval",
    "StandingDecision",
    "StandingState",
    "TimerKind",
]
