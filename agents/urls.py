"""The API's paths for the agents' plans and for what was run, under /api/v1/."""

from django.urls import path

from agents.api import RevisionList
from agents.runs_api import RunDetail, RunList

urlpatterns = [
    path("approval-requests/<int:pk>/revisions/", RevisionList.as_view(), name="revisions"),
    path("runs/", RunList.as_view(), name="runs"),
    path("runs/<int:pk>/", RunDetail.as_view(), name="run"),
]
