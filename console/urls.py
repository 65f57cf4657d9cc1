"""Where everything is."""

from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularAPIView

from console import health
from console.pages import (
    audit,
    audit_export,
    audit_proofs,
    connections,
    errors,
    evidence,
    icon,
    inbox,
    incident,
    keys,
    lab,
    maintenance,
    queue,
    replays,
    rules,
    services,
    sign,
    tickets,
)

DIGEST = r"(?P<sha256>[0-9a-f]{64})"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", queue.show, name="queue"),
    path("incidents/<int:incident_id>/", incident.show, name="incident-page"),
    path("incidents/<int:incident_id>/acknowledgement/", incident.acknowledgement, name="acknowledgement"),
    path("incidents/<int:incident_id>/taking-over/", incident.taking_over, name="taking-over"),
    path("incidents/<int:incident_id>/resolution/", incident.resolution, name="resolution"),
    path("incidents/<int:incident_id>/closure/", incident.closure, name="closure"),
    path("incidents/<int:incident_id>/alerts/<int:alert_id>/rating/", incident.rating, name="alert-rating"),
    path("approvals/", inbox.show, name="approvals"),
    path("approvals/<int:request_id>/", sign.show, name="sign"),
    path("approvals/standing/<slug:uid>/", sign.standing, name="standing-page"),
    path("approvals/<int:request_id>/state/", sign.state, name="sign-state"),
    path("approvals/<int:request_id>/receipt/", sign.receipt, name="sign-receipt"),
    path("audit/", audit.show, name="audit"),
    path("audit/export/", audit_export.export, name="audit-export"),
    path("audit/head/", audit_proofs.head, name="audit-head"),
    path("audit/records/", audit_proofs.batch, name="audit-batch"),
    path("audit/records/<int:seq>/", audit_proofs.record, name="audit-record"),
    path("audit/consistency/", audit_proofs.consistency, name="audit-consistency"),
    path("audit/tree/", audit_proofs.tree, name="audit-tree"),
    path("services/", services.show, name="services-page"),
    path("maintenance/", maintenance.show, name="maintenance"),
    path("maintenance/<int:window_id>/", maintenance.detail, name="maintenance-window-page"),
    path("maintenance/<int:window_id>/extension/", maintenance.extension, name="maintenance-extension"),
    path("maintenance/<int:window_id>/ending/", maintenance.ending, name="maintenance-ending"),
    path("rules/", rules.show, name="rules-page"),
    path("rules/trial/", rules.trial, name="rules-trial"),
    path("keys/", keys.show, name="keys-page"),
    path("keys/drafts/<int:draft_id>/", keys.draft, name="key-draft"),
    path("keys/drafts/<int:draft_id>/voiding/", keys.voiding, name="key-draft-voiding"),
    path("keys/registry/", keys.change, name="key-registry"),
    path("keys/invitations/", keys.invitation, name="key-invitation-page"),
    re_path(rf"^evidence/{DIGEST}/$", evidence.show, name="evidence"),
    path("dead-letters/", replays.letters, name="dead-letters"),
    path("dead-letters/replay/", replays.of_a_reason, name="dead-letters-replay"),
    path("sources/", include("console.urls_sources")),
    path("connections/<slug:name>/", connections.show, name="connection-page"),
    path("connections/<slug:name>/looks/", connections.look, name="connection-look"),
    path("connections/<slug:name>/imports/", connections.entry, name="connection-import"),
    path("webhooks/", include("console.urls_webhooks")),
    path("tickets/<int:ticket_id>/sending/", tickets.sending, name="ticket-sending"),
    path("lab/<slug:name>/", lab.break_it, name="lab"),
    path("", include("console.urls_account")),
    path("favicon.ico", icon.favicon),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("ledger/", include("audit.urls")),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/v1/", include("console.api")),  # before the next: adds what the agents do
    path("api/v1/", include("incidents.urls")),
    path("api/v1/", include("agents.urls")),
    path("api/v1/", include("approvals.urls")),
    path("api/v1/", include("connectors.api")),
    path("", include("connectors.urls")),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.broken
