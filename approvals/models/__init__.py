"""Changes, requests for approval, people's keys, decisions, policies."""

from approvals.models.change import Change
from approvals.models.decision import Decision, SigningTemplate
from approvals.models.key import EnrolmentChallenge, PersonKey, RegistryVersion
from approvals.models.policy import PolicyVersion
from approvals.models.request import ApprovalRequest, RequestState

__all__ = [
    "ApprovalRequest",
    "Change",
    "Decision",
    "EnrolmentChallenge",
    "PersonKey",
    "PolicyVersion",
    "RegistryVersion",
    "RequestState",
    "SigningTemplate",
]
