"""Reads of approvals for pages and the API; each function is one question about a request, a person or the house."""

from approvals.budget import Budget, budget
from approvals.differences import Difference, changes_between
from approvals.selectors.ladder import LadderStep, ladder, rejections_that_end_it
from approvals.selectors.people import Asked, Inbox, MayNot, asked, inbox, who_may_not
from approvals.selectors.rights import (
    DelegationTold,
    OverrideTold,
    delegations,
    delegations_for,
    may_override,
    open_overrides,
    override_of,
    overrides,
)
from approvals.selectors.standing import StandingTold, standing, standing_of, standings
from approvals.selectors.talk import DecisionTold, QuestionTold, decisions, questions
from approvals.selectors.told import Name
from approvals.selectors.versions import Version, differences_of, revisions, successor_of

__all__ = [
    "Asked",
    "Budget",
    "DecisionTold",
    "DelegationTold",
    "Difference",
    "Inbox",
    "LadderStep",
    "MayNot",
    "Name",
    "OverrideTold",
    "QuestionTold",
    "StandingTold",
    "Version",
    "asked",
    "budget",
    "changes_between",
    "decisions",
    "delegations",
    "delegations_for",
    "differences_of",
    "inbox",
    "ladder",
    "may_override",
    "open_overrides",
    "override_of",
    "overrides",
    "questions",
    "rejections_that_end_it",
    "revisions",
    "standing",
    "standing_of",
    "standings",
    "successor_of",
    "who_may_not",
]
