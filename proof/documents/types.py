"""The `_type` of each document, the media types that signatures bind, and the closed lists within them."""

CHANGE = "urn:countersign:change:v1"
ENTRY = "urn:countersign:entry:v1"
POLICY = "urn:countersign:policy:v1"
REGISTRY = "urn:countersign:registry:v1"
BUNDLE = "urn:countersign:bundle:v1"
DETACHED_SIGNATURE = "urn:countersign:detached-signature:v1"
WEBAUTHN_SIGNATURE = "urn:countersign:webauthn-signature:v1"
SSH_SIGNATURE = "urn:countersign:ssh-signature:v1"
STATEMENT = "https://in-toto.io/Statement/v1"
DECISION = "urn:countersign:decision:v1"
AUTO_DECISION = "urn:countersign:auto-decision:v1"

POLICY_PAYLOAD = "application/vnd.countersign.policy+json"
REGISTRY_PAYLOAD = "application/vnd.countersign.registry+json"
BUNDLE_PAYLOAD = "application/vnd.countersign.bundle+json"
DECISION_NAMESPACE = "countersign-decision-v1"

TIERS = ("LOW", "MEDIUM", "HIGH", "CRITICAL")
DECISIONS = ("approve", "reject", "abstain", "revoke")
ROUTES = ("auto", "notify")


def rank(tier: str) -> int:
    """The place of a tier in their order, LOW first."""
    return TIERS.index(tier)
