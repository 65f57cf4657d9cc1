"""The `_type` of each document, the media types that signatures bind, and the closed lists within them."""

CHANGE = "urn:countersign:change:v1"
ENTRY = "urn:countersign:entry:v1"
POLICY = "urn:countersign:policy:v1"
REGISTRY = "urn:countersign:registry:v1"
BUNDLE = "urn:countersign:bundle:v1"
ACT = "urn:countersign:act:v1"
STANDING = "urn:countersign:standing:v1"
SIGNATURES = "urn:countersign:signatures:v1"
DETACHED_SIGNATURE = "urn:countersign:detached-signature:v1"
WEBAUTHN_SIGNATURE = "urn:countersign:webauthn-signature:v1"
SSH_SIGNATURE = "urn:countersign:ssh-signature:v1"
STATEMENT = "https://in-toto.io/Statement/v1"
DECISION = "urn:countersign:decision:v1"
OVERRIDE = "urn:countersign:override:v1"
AUTO_DECISION = "urn:countersign:auto-decision:v1"

ACT_PAYLOAD = "application/vnd.countersign.act+json"
POLICY_PAYLOAD = "application/vnd.countersign.policy+json"
REGISTRY_PAYLOAD = "application/vnd.countersign.registry+json"
BUNDLE_PAYLOAD = "application/vnd.countersign.bundle+json"

DECISION_NAMESPACE = "countersign-decision-v1"
OVERRIDE_NAMESPACE = "countersign-override-v1"
REVOKE_NAMESPACE = "countersign-revoke-v1"
ACT_NAMESPACE = "countersign-act-v1"
REGISTRY_NAMESPACE = "countersign-registry-v1"
POLICY_NAMESPACE = "countersign-policy-v1"

TIERS = ("LOW", "MEDIUM", "HIGH", "CRITICAL")
DECISIONS = ("approve", "reject", "abstain", "revoke")
ROUTES = ("auto", "notify")
REVOKE_KEY, DELEGATE, END_DELEGATION = "revoke-key", "delegate", "end-delegation"
AUTHOR_CHANGE, REVIEW_OVERRIDE, END_STANDING = "author-change", "review-override", "end-standing"
ACTS = frozenset(
    {
        REVOKE_KEY,
        DELEGATE,
        END_DELEGATION,
        AUTHOR_CHANGE,
        REVIEW_OVERRIDE,
        END_STANDING,
        "prove-possession",
        "hold-agents",
        "release-agents",
        "erase",
        "resume-policy",
    }
)


def rank(tier: str) -> int:
    """The place of a tier in their order, LOW first."""
    return TIERS.index(tier)
