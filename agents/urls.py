"""The API's paths for the agents' plans, under /api/v1/."""

from django.urls import path

from agents.api import RevisionList

urlpatterns = [path("approval-requests/<int:pk>/revisions/", RevisionList.as_view(), name="revisions")]
