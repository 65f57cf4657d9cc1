"""The API's paths for what is done to requests beside deciding them."""

from django.urls import path, re_path

from approvals.api.requests import ChangeDifferences
from approvals.api.rights import DelegationList, OverrideList, Overrides, OverrideStatements
from approvals.api.standing import StandingDecisions, StandingDetail, StandingList, StandingStatements
from approvals.api.verbs import Answer, BudgetDetail, QuestionList, Withdrawal

urlpatterns = [
    re_path(r"^changes/(?P<digest>[0-9a-f]{64})/differences/$", ChangeDifferences.as_view(), name="differences"),
    path("approval-requests/<int:pk>/questions/", QuestionList.as_view(), name="questions"),
    path("approval-requests/<int:pk>/questions/<int:question_id>/answer/", Answer.as_view(), name="answer"),
    path("approval-requests/<int:pk>/withdrawal/", Withdrawal.as_view(), name="withdrawal"),
    path("approval-requests/<int:pk>/override-statements/", OverrideStatements.as_view(), name="override-statements"),
    path("approval-requests/<int:pk>/overrides/", Overrides.as_view(), name="request-overrides"),
    path("standing-approvals/", StandingList.as_view(), name="standing-approvals"),
    path("standing-approvals/<str:uid>/", StandingDetail.as_view(), name="standing-approval"),
    path("standing-approvals/<str:uid>/statements/", StandingStatements.as_view(), name="standing-statements"),
    path("standing-approvals/<str:uid>/decisions/", StandingDecisions.as_view(), name="standing-decisions"),
    path("delegations/", DelegationList.as_view(), name="delegations"),
    path("overrides/", OverrideList.as_view(), name="overrides"),
    path("approval-budget/", BudgetDetail.as_view(), name="approval-budget"),
]
