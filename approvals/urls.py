"""The API's paths for changes, requests and keys, under /api/v1/."""

from django.urls import path, re_path

from approvals.api import keys, requests

urlpatterns = [
    re_path(r"^changes/(?P<digest>[0-9a-f]{64})/$", requests.ChangeDetail.as_view(), name="change"),
    path("approval-requests/", requests.RequestList.as_view(), name="approval-requests"),
    path("approval-requests/<int:pk>/", requests.RequestDetail.as_view(), name="approval-request"),
    path("approval-requests/<int:pk>/statements/", requests.StatementList.as_view(), name="statements"),
    path("approval-requests/<int:pk>/decisions/", requests.DecisionList.as_view(), name="decisions"),
    path("keys/", keys.KeyList.as_view(), name="keys"),
    path("keys/registration-options/", keys.RegistrationOptions.as_view(), name="registration-options"),
    path("keys/possession-statements/", keys.PossessionStatements.as_view(), name="possession-statements"),
    re_path(r"^keys/(?P<key_id>[0-9a-f]{64})/revocation/$", keys.KeyRevocation.as_view(), name="api-key-revocation"),
    path("policies/", keys.PolicyList.as_view(), name="policies"),
]
