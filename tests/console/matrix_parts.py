"""Rows of `matrix` that would make it too long to read: pages of webhooks and connections, and long bodies."""

ADMINS = frozenset({"admin"})
EVERYWHERE = frozenset({"viewer", "operator", "approver", "manager", "key-admin", "admin"})
READ, WRITE = {"webhooks:read", "webhooks:write"}, {"webhooks:write"}

OF_AN_INCIDENT = [("GET", f"/api/v1/incidents/1/{part}") for part in ("", "timeline/", "talkers/", "remediations/")]
RUNS = [("GET", "/api/v1/runs/"), ("GET", "/api/v1/runs/1/")]
WEBHOOKS = {
    ("GET", "/api/v1/webhooks/"): ADMINS,
    ("POST", "/api/v1/webhooks/"): ADMINS,
    ("GET", "/api/v1/webhooks/x/"): ADMINS,
    ("DELETE", "/api/v1/webhooks/x/"): ADMINS,
    ("GET", "/api/v1/webhooks/x/deliveries/"): ADMINS,
    ("POST", "/api/v1/webhooks/x/pauses/"): ADMINS,
    ("POST", "/api/v1/webhooks/x/resumptions/"): ADMINS,
    ("POST", "/api/v1/webhooks/x/rotations/"): ADMINS,
    ("POST", "/api/v1/webhooks/x/tests/"): ADMINS,
}
WEBHOOK_SCOPES = {row: READ if row[0] == "GET" else WRITE for row in WEBHOOKS}
PAGES = {
    ("GET", "/webhooks/"): ADMINS,
    ("POST", "/webhooks/"): ADMINS,
    ("GET", "/webhooks/x/"): ADMINS,
    ("GET", "/webhooks/x/deliveries/"): ADMINS,
    ("POST", "/webhooks/x/test/"): ADMINS,
    ("POST", "/webhooks/x/pause/"): ADMINS,
    ("POST", "/webhooks/x/resumption/"): ADMINS,
    ("POST", "/webhooks/x/rotation/"): ADMINS,
    ("POST", "/webhooks/x/removal/"): ADMINS,
    ("GET", "/connections/x/"): EVERYWHERE,
    ("POST", "/connections/x/looks/"): ADMINS,
    ("POST", "/connections/x/imports/"): ADMINS,
}
WEBHOOK = {"name": "chat", "url": "https://192.0.2.1/", "events": ["*"]}

STANDING = {
    "intent": "Restart checkout when it hangs.",
    "environment": "lab",
    "action": "restart-service",
    "adapter": "supervisor.restart",
    "targets": ["lab/checkout"],
    "params": [{"name": "process", "const": "checkout"}],
    "max_uses": 2,
    "per_hour": 1,
    "not_before": "2026-01-01T00:00:00Z",
    "not_after": "2026-01-02T00:00:00Z",
}
