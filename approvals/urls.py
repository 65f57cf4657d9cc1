"""The API's paths for changes, requests and keys, under /api/v1/."""

from django.urls import path, re_path

from approvals.api import acts, keys, registry, requests, routes

urlpatterns = [
    *routes.urlpatterns,
    re_path(r"^changes/(?P<digest>[0-9a-f]{64})/$", requests.ChangeDetail.as_view(), name="change"),
    path("approval-requests/", requests.RequestList.as_view(), name="approval-requests"),
    path("approval-requests/<int:pk>/", requests.RequestDetail.as_view(), name="approval-request"),
    path("approval-requests/<int:pk>/statements/", requests.StatementList.as_view(), name="statements"),
    path("approval-requests/<int:pk>/decisions/", requests.DecisionList.as_view(), name="decisions"),
    path("keys/", keys.KeyList.as_view(), name="keys"),
    path("keys/registration-options/", keys.RegistrationOptions.as_view(), name="registration-options"),
    path("keys/ledger-index/", keys.LedgerIndex.as_view(), name="ledger-index"),
    re_path(r"^keys/(?P<key_id>[0-9a-f]{64})/invitation/$", keys.KeyInvitation.as_view(), name="key-invitation"),
    re_path(r"^keys/(?P<key_id>[0-9a-f]{64})/loss/$", keys.KeyLoss.as_view(), name="key-loss"),
    path("acts/", acts.ActList.as_view(), name="acts"),
    path("acts/templates/", acts.ActTemplates.as_view(), name="act-templates"),
    path("registry/", registry.RegistryDetail.as_view(), name="registry"),
    path("registry/drafts/", registry.DraftList.as_view(), name="registry-drafts"),
    path("registry/drafts/<int:pk>/", registry.DraftDetail.as_view(), name="registry-draft"),
    path("registry/drafts/<int:pk>/document/", registry.DraftDocument.as_view(), name="registry-draft-document"),
    path("registry/drafts/<int:pk>/signatures/", registry.DraftSignatures.as_view(), name="registry-draft-signatures"),
    path("registry/drafts/<int:pk>/voiding/", registry.DraftVoiding.as_view(), name="registry-draft-voiding"),
    path("policies/", keys.PolicyList.as_view(), name="policies"),
]
