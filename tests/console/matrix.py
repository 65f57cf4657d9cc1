"""Who may do what at each address and on each topic: the table that `test_matrix.py` holds the product to.

Whoever adds an address or a topic adds a row here: the test fails until they do.
"""

ANONYMOUS, NOBODY = "anonymous", "nobody"
VIEWER, OPERATOR, APPROVER = "viewer", "operator", "approver"
MANAGER, KEY_ADMIN, ADMIN = "manager", "key-admin", "admin"
THERE, ELSEWHERE = "there", "elsewhere"
"""Operator and approver of the team that the incident belongs to, and of another team."""

ROLES = (VIEWER, OPERATOR, APPROVER, MANAGER, KEY_ADMIN, ADMIN)
PERSONAS = (ANONYMOUS, NOBODY, *ROLES, THERE, ELSEWHERE)

ANYBODY = frozenset(PERSONAS)
SIGNED_IN = ANYBODY - {ANONYMOUS}
WITH_A_ROLE = SIGNED_IN - {NOBODY}
"""Lists: what they hold is narrowed to what each may read."""
READERS = frozenset({*ROLES, THERE})
"""Who reads what belongs to the team `store`."""
EVERYWHERE = frozenset(ROLES)
"""Who reads what belongs to no team."""
OPERATORS = frozenset({OPERATOR, ADMIN, THERE})
SIGNERS = frozenset({APPROVER, THERE})
KEEPERS = frozenset({KEY_ADMIN, ADMIN})
EXPORTERS = frozenset({MANAGER, ADMIN})

PAGES = {
    ("GET", "/"): WITH_A_ROLE,
    ("GET", "/incidents/1/"): READERS,
    ("POST", "/incidents/1/acknowledgement/"): OPERATORS,
    ("POST", "/incidents/1/taking-over/"): OPERATORS,
    ("POST", "/incidents/1/resolution/"): OPERATORS,
    ("POST", "/incidents/1/closure/"): OPERATORS,
    ("GET", "/approvals/"): WITH_A_ROLE,
    ("GET", "/approvals/1/"): READERS,
    ("GET", "/approvals/1/state/"): READERS,
    ("GET", "/approvals/standing/x/"): WITH_A_ROLE,
    ("GET", "/approvals/1/receipt/"): READERS,
    ("GET", "/audit/"): EVERYWHERE,
    ("POST", "/audit/export/"): EXPORTERS,
    ("GET", "/audit/head/"): EVERYWHERE,
    ("GET", "/audit/records/"): EVERYWHERE,
    ("GET", "/audit/records/1/"): EVERYWHERE,
    ("GET", "/audit/consistency/"): EVERYWHERE,
    ("GET", "/audit/tree/"): EVERYWHERE,
    ("GET", "/keys/"): SIGNED_IN,
    ("GET", "/keys/drafts/1/"): EVERYWHERE,
    ("POST", "/keys/drafts/1/voiding/"): KEEPERS,
    ("POST", "/keys/registry/"): KEEPERS,
    ("POST", "/keys/invitations/"): KEEPERS,
    ("GET", "/evidence/EVIDENCE/"): READERS,
    ("GET", "/sources/"): EVERYWHERE,
    ("POST", "/sources/"): frozenset({ADMIN}),
    ("GET", "/sources/x/"): EVERYWHERE,
    ("POST", "/sources/x/renewal/"): frozenset({ADMIN}),
    ("POST", "/sources/x/pause/"): frozenset({ADMIN}),
    ("POST", "/sources/x/resumption/"): frozenset({ADMIN}),
    ("GET", "/sources/x/deliveries/"): EVERYWHERE,
    ("GET", "/sources/x/deliveries/x/"): EVERYWHERE,
    ("POST", "/lab/leak/"): frozenset({OPERATOR, APPROVER, ADMIN}),
    ("GET", "/sign-in/"): ANYBODY,
    ("GET", "/sign-in/x/"): ANYBODY,
    ("POST", "/sign-in/x/"): frozenset(),  # no such link
    ("GET", "/sign-in/company/"): frozenset(ANYBODY),  # not set up here: answered with 404
    ("GET", "/sign-in/company/done/"): ANYBODY,
    ("POST", "/sign-in/passkey/options/"): ANYBODY,
    ("POST", "/sign-in/passkey/"): ANYBODY,  # refused for want of a challenge, not of a person
    ("GET", "/step-up/"): SIGNED_IN,
    ("GET", "/step-up/company/"): SIGNED_IN,
    ("POST", "/step-up/passkey/options/"): SIGNED_IN,
    ("POST", "/step-up/passkey/"): SIGNED_IN,
    ("GET", "/account/"): SIGNED_IN,
    ("GET", "/account/link/"): SIGNED_IN,
    ("POST", "/account/passkeys/"): SIGNED_IN,
    ("POST", "/account/passkeys/options/"): SIGNED_IN,
    ("POST", "/account/passkeys/removal/"): SIGNED_IN,
    ("POST", "/account/sessions/ending/"): SIGNED_IN,
    ("POST", "/account/tokens/"): SIGNED_IN,
    ("POST", "/account/tokens/x/revocation/"): SIGNED_IN,
    ("POST", "/sign-out/"): ANYBODY,
    ("POST", "/theme/"): ANYBODY,
    ("GET", "/favicon.ico"): ANYBODY,
    ("GET", "/healthz"): ANYBODY,
    ("GET", "/readyz"): ANYBODY,
    ("GET", "/metrics"): ANYBODY,
}

API = {
    ("GET", "/api/v1/schema/"): ANYBODY,
    ("GET", "/api/v1/alerts/"): WITH_A_ROLE,
    ("GET", "/api/v1/alerts/1/"): READERS,
    ("GET", "/api/v1/incidents/"): WITH_A_ROLE,
    ("GET", "/api/v1/incidents/1/"): READERS,
    ("GET", "/api/v1/incidents/1/timeline/"): READERS,
    ("POST", "/api/v1/incidents/1/acknowledgement/"): OPERATORS,
    ("GET", "/api/v1/maintenance-windows/"): WITH_A_ROLE,
    ("POST", "/api/v1/maintenance-windows/"): frozenset({OPERATOR, ADMIN}),  # it names no service of one team
    ("GET", "/api/v1/maintenance-windows/1/"): WITH_A_ROLE,  # no such window
    ("POST", "/api/v1/maintenance-windows/1/ending/"): WITH_A_ROLE,  # 404 before who may
    ("GET", "/api/v1/services/"): WITH_A_ROLE,
    ("GET", "/api/v1/services/payments/"): READERS,
    ("GET", "/api/v1/changes/CHANGE/"): READERS,
    ("GET", "/api/v1/approval-requests/"): WITH_A_ROLE,
    ("GET", "/api/v1/approval-requests/1/"): READERS,
    ("POST", "/api/v1/approval-requests/1/statements/"): SIGNERS,
    ("GET", "/api/v1/approval-requests/1/decisions/"): READERS,
    ("POST", "/api/v1/approval-requests/1/decisions/"): SIGNERS,
    ("GET", "/api/v1/approval-requests/1/questions/"): READERS,
    ("POST", "/api/v1/approval-requests/1/questions/"): READERS,
    ("POST", "/api/v1/approval-requests/1/questions/1/answer/"): READERS,
    ("POST", "/api/v1/approval-requests/1/withdrawal/"): OPERATORS,
    ("GET", "/api/v1/approval-requests/1/revisions/"): READERS,
    ("POST", "/api/v1/approval-requests/1/revisions/"): OPERATORS,
    ("POST", "/api/v1/approval-requests/1/override-statements/"): READERS,
    ("POST", "/api/v1/approval-requests/1/overrides/"): READERS,
    ("GET", "/api/v1/standing-approvals/"): WITH_A_ROLE,
    ("POST", "/api/v1/standing-approvals/"): frozenset({OPERATOR, ADMIN}),
    ("GET", "/api/v1/standing-approvals/x/"): WITH_A_ROLE,
    ("POST", "/api/v1/standing-approvals/x/statements/"): WITH_A_ROLE,  # 404 before who may
    ("POST", "/api/v1/standing-approvals/x/decisions/"): WITH_A_ROLE,
    ("GET", "/api/v1/delegations/"): WITH_A_ROLE,
    ("GET", "/api/v1/overrides/"): WITH_A_ROLE,
    ("GET", "/api/v1/approval-budget/"): WITH_A_ROLE,
    ("GET", "/api/v1/changes/CHANGE/differences/"): READERS,
    ("GET", "/api/v1/keys/"): SIGNED_IN,
    ("POST", "/api/v1/keys/"): SIGNED_IN,
    ("POST", "/api/v1/keys/registration-options/"): SIGNED_IN,
    ("GET", "/api/v1/keys/ledger-index/"): SIGNED_IN,
    ("POST", "/api/v1/keys/KEY/invitation/"): SIGNED_IN,
    ("POST", "/api/v1/keys/KEY/loss/"): SIGNED_IN,
    ("GET", "/api/v1/acts/"): SIGNED_IN,
    ("POST", "/api/v1/acts/"): SIGNED_IN,
    ("POST", "/api/v1/acts/templates/"): SIGNED_IN,
    ("GET", "/api/v1/registry/"): EVERYWHERE,
    ("GET", "/api/v1/registry/drafts/"): EVERYWHERE,
    ("POST", "/api/v1/registry/drafts/"): KEEPERS,
    ("GET", "/api/v1/registry/drafts/1/"): EVERYWHERE,
    ("GET", "/api/v1/registry/drafts/1/document/"): EVERYWHERE,
    ("POST", "/api/v1/registry/drafts/1/signatures/"): KEEPERS,
    ("POST", "/api/v1/registry/drafts/1/voiding/"): KEEPERS,
    ("GET", "/api/v1/policies/"): EVERYWHERE,
    ("GET", "/ledger/checkpoint"): EVERYWHERE,
    ("GET", "/ledger/tile/x"): EVERYWHERE,
    ("GET", "/ledger/entries/1/proof"): EVERYWHERE,
    ("GET", "/ledger/witness-keys"): EVERYWHERE,
}

BODIES = {
    "/api/v1/standing-approvals/": {
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
    },
    "/api/v1/standing-approvals/x/statements/": {"decision": "approve", "key_id": "0" * 64},
    "/api/v1/standing-approvals/x/decisions/": {"sidecar": "{}"},
    "/api/v1/maintenance-windows/": {"why": "Disks", "environment": "lab", "until": "2100-01-01T00:00:00Z"},
    "/incidents/1/resolution/": {"why": "It is over."},
    "/api/v1/approval-requests/1/statements/": {"decision": "approve", "key_id": "0" * 64},
    "/api/v1/approval-requests/1/decisions/": {"sidecar": "{}"},
    "/api/v1/registry/drafts/": {"change": "threshold"},
    "/api/v1/registry/drafts/1/signatures/": {"signature": {"kind": "ssh"}},
    "/api/v1/registry/drafts/1/voiding/": {"why": "not wanted"},
    "/api/v1/approval-requests/1/questions/": {"text": "What undoes it?"},
    "/api/v1/approval-requests/1/questions/1/answer/": {"text": "A revert."},
    "/api/v1/approval-requests/1/withdrawal/": {"why": "It recovered."},
    "/api/v1/approval-requests/1/revisions/": {"why": "Wrong commit.", "params": []},
    "/api/v1/approval-requests/1/override-statements/": {"key_id": "0" * 64, "reason": "It burns."},
    "/api/v1/approval-requests/1/overrides/": {"sidecar": "{}", "reason": "It burns."},
}
"""What an address needs to be sent before it asks who may."""

SCOPES = {
    ("GET", "/api/v1/alerts/"): {"incidents:read", "incidents:write"},
    ("GET", "/api/v1/alerts/1/"): {"incidents:read", "incidents:write"},
    ("GET", "/api/v1/incidents/"): {"incidents:read", "incidents:write"},
    ("GET", "/api/v1/incidents/1/"): {"incidents:read", "incidents:write"},
    ("GET", "/api/v1/incidents/1/timeline/"): {"incidents:read", "incidents:write"},
    ("POST", "/api/v1/incidents/1/acknowledgement/"): {"incidents:write"},
    ("GET", "/api/v1/maintenance-windows/"): {"incidents:read", "incidents:write"},
    ("POST", "/api/v1/maintenance-windows/"): {"incidents:write"},
    ("GET", "/api/v1/maintenance-windows/1/"): {"incidents:read", "incidents:write"},
    ("POST", "/api/v1/maintenance-windows/1/ending/"): {"incidents:write"},
    ("GET", "/api/v1/services/"): {"incidents:read", "incidents:write"},
    ("GET", "/api/v1/services/payments/"): {"incidents:read", "incidents:write"},
    ("GET", "/api/v1/changes/CHANGE/"): {"approvals:read"},
    ("GET", "/api/v1/approval-requests/"): {"approvals:read"},
    ("GET", "/api/v1/approval-requests/1/"): {"approvals:read"},
    ("POST", "/api/v1/approval-requests/1/statements/"): {"approvals:read+approvals:sign"},
    ("GET", "/api/v1/approval-requests/1/decisions/"): {"approvals:read"},
    ("POST", "/api/v1/approval-requests/1/decisions/"): {"approvals:read+approvals:sign"},
    ("GET", "/api/v1/approval-requests/1/questions/"): {"approvals:read"},
    ("POST", "/api/v1/approval-requests/1/questions/"): {"approvals:read+approvals:sign"},
    ("POST", "/api/v1/approval-requests/1/questions/1/answer/"): {"approvals:read+approvals:sign"},
    ("POST", "/api/v1/approval-requests/1/withdrawal/"): {"approvals:read+approvals:sign"},
    ("GET", "/api/v1/approval-requests/1/revisions/"): {"approvals:read"},
    ("POST", "/api/v1/approval-requests/1/revisions/"): {"approvals:read+approvals:sign"},
    ("POST", "/api/v1/approval-requests/1/override-statements/"): {"approvals:read+approvals:sign"},
    ("POST", "/api/v1/approval-requests/1/overrides/"): {"approvals:read+approvals:sign"},
    ("GET", "/api/v1/standing-approvals/"): {"approvals:read"},
    ("POST", "/api/v1/standing-approvals/"): {"approvals:read+approvals:sign"},
    ("GET", "/api/v1/standing-approvals/x/"): {"approvals:read"},
    ("POST", "/api/v1/standing-approvals/x/statements/"): {"approvals:read+approvals:sign"},
    ("POST", "/api/v1/standing-approvals/x/decisions/"): {"approvals:read+approvals:sign"},
    ("GET", "/api/v1/delegations/"): {"approvals:read"},
    ("GET", "/api/v1/overrides/"): {"approvals:read"},
    ("GET", "/api/v1/approval-budget/"): {"approvals:read"},
    ("GET", "/api/v1/changes/CHANGE/differences/"): {"approvals:read"},
    ("GET", "/api/v1/keys/"): {"approvals:read"},
    ("POST", "/api/v1/keys/"): {"approvals:read+approvals:sign"},
    ("POST", "/api/v1/keys/registration-options/"): {"approvals:read+approvals:sign"},
    ("GET", "/api/v1/keys/ledger-index/"): {"approvals:read"},
    ("POST", "/api/v1/keys/KEY/invitation/"): {"approvals:read+approvals:sign"},
    ("POST", "/api/v1/keys/KEY/loss/"): {"approvals:read+approvals:sign"},
    ("GET", "/api/v1/acts/"): {"approvals:read"},
    ("POST", "/api/v1/acts/"): {"approvals:read+approvals:sign"},
    ("POST", "/api/v1/acts/templates/"): {"approvals:read+approvals:sign"},
    ("GET", "/api/v1/registry/"): {"approvals:read"},
    ("GET", "/api/v1/registry/drafts/"): {"approvals:read"},
    ("POST", "/api/v1/registry/drafts/"): {"approvals:read+approvals:sign"},
    ("GET", "/api/v1/registry/drafts/1/"): {"approvals:read"},
    ("GET", "/api/v1/registry/drafts/1/document/"): {"approvals:read"},
    ("POST", "/api/v1/registry/drafts/1/signatures/"): {"approvals:read+approvals:sign"},
    ("POST", "/api/v1/registry/drafts/1/voiding/"): {"approvals:read+approvals:sign"},
    ("GET", "/api/v1/policies/"): {"approvals:read"},
    ("GET", "/ledger/checkpoint"): {"ledger:read"},
    ("GET", "/ledger/tile/x"): {"ledger:read"},
    ("GET", "/ledger/entries/1/proof"): {"ledger:read"},
    ("GET", "/ledger/witness-keys"): {"ledger:read"},
}
"""The scopes with any of which a token is answered; `a+b` needs both."""

TOPICS = {
    "audit": EVERYWHERE,
    "incident:1": READERS,
    "keys": EVERYWHERE,
    "maintenance": WITH_A_ROLE,
    "people": frozenset({ADMIN}),
    "policy": EVERYWHERE,
    "queue": WITH_A_ROLE,
    "remediation:1": READERS,
    "request:1": READERS,
    "service:payments": READERS,
    "sources": EVERYWHERE,
}
