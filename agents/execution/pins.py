"""What the executor remembers outside the database: whose registry it trusts, and the newest versions it has seen."""

from dataclasses import asdict, dataclass, replace

from agents.execution import state
from core.errors import RefusedError

NAME = "pins.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """Trusted on first use or set by hand, then held. Digests are held, so that a number alone proves nothing.

    Attributes:
        root_public: the key that the registry's epoch began with, PEM; empty before the first use.
        registry_version, registry_sha256: the newest registry that was seen.
        policy_version, policy_sha256: the same of the policy.
    """

    root_public: str = ""
    registry_version: int = 0
    registry_sha256: str = ""
    policy_version: int = 0
    policy_sha256: str = ""


def pins() -> Pins:
    """What is pinned; nothing before the first use.

    Raises:
        RefusedError: The file is there and cannot be read.
    """
    found = state.read(NAME)
    try:
        return Pins(**found) if found is not None else Pins()
    except TypeError as error:
        raise state.unreadable(NAME) from error


def raise_pins(seen: Pins) -> Pins:
    """Pin the root at first use and never go back to an older version; returns what is pinned now.

    Raises:
        RefusedError: Another root is pinned, or another document of the same version.
    """
    with state.turn("pins"):
        known = pins()
        if known.root_public and known.root_public != seen.root_public:
            detail = "The key registry has another root than the one that the executor pinned."
            raise RefusedError(detail)
        raised = _raised(known, seen)
        if raised != known:
            state.write(NAME, asdict(raised))
        return raised


def pin(wanted: Pins) -> None:
    """Trust this from now on, by hand, whatever was pinned before: how a new epoch of the registry begins here."""
    with state.turn("pins"):
        state.write(NAME, asdict(wanted))


def _raised(known: Pins, seen: Pins) -> Pins:
    raised = replace(known, root_public=seen.root_public)
    for noun in ("registry", "policy"):
        version, digest = getattr(seen, f"{noun}_version"), getattr(seen, f"{noun}_sha256")
        newest, pinned = getattr(known, f"{noun}_version"), getattr(known, f"{noun}_sha256")
        if version == newest and pinned and digest != pinned:
            detail = f"Version {version} of the {noun} is not the one that the executor saw before."
            raise RefusedError(detail)
        if version > newest or not pinned:
            raised = replace(raised, **{f"{noun}_version": max(version, newest), f"{noun}_sha256": digest})
    return raised
