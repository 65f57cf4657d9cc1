"""What an API token may be good for: a closed list."""

from collections.abc import Mapping
from typing import Final

SCOPES: Final[Mapping[str, str]] = {
    "approvals:read": "Read changes, requests, decisions, your keys and the policy",
    "approvals:sign": "Take statements, hand in what you signed, enrol and revoke your keys",
    "incidents:read": "Read incidents, alerts and services",
    "incidents:write": "Work on incidents; keep maintenance windows, alert rules, feedback and the catalogue",
    "ledger:read": "Read the ledger's checkpoints, tiles and proofs",
    "sources:read": "Read sources, deliveries and dead letters",
    "sources:write": "Have deliveries read again, confirm topics",
    "webhooks:read": "Read which webhooks there are and what became of what was sent to them",
    "webhooks:write": "Add, test, pause, resume, rotate and remove webhooks",
}
