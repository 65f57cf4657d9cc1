"""Learn of new versions of the registry and the policy when they are made, not only when something runs."""

import logging
from collections.abc import Sequence

from agents.execution.pins import Pins, pins, raise_pins
from approvals import bundles, registry
from approvals.models import PolicyVersion
from core.errors import ConsoleError
from proof.envelope import SignatureError
from proof.registry import Registry, RegistryError, parse_chain, verify_policy

log = logging.getLogger(__name__)

PUBLISHED = frozenset({"registry.published", "policy.activated"})


def heed() -> None:
    """Raise the pins to what is in force, so that a revocation cannot be unmade by taking its version away.

    What does not hold under the pinned root teaches nothing here; whatever stands on it is refused when it would run.
    """
    try:
        versions = parse_chain(registry.chain(), root_public=pins().root_public or None)
        found, version = versions[-1], _policy_version(versions)
        raise_pins(Pins(root_public=found.root_public, registry_version=found.version, policy_version=version))
    except (RegistryError, SignatureError, ConsoleError) as error:
        log.warning("the executor learned nothing from a new version", extra={"why": str(error)})


def _policy_version(versions: Sequence[Registry]) -> int:
    """The version of the policy in force, its signatures checked against those roots; 0 before the first."""
    if not PolicyVersion.objects.exists():
        return 0
    active = bundles.in_force()
    verify_policy(active.content, active.signature, versions, created_at=active.policy.created_at)
    return active.version
