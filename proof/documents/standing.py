"""A standing approval: one action on named targets, within ranges, a number of times, for some days."""

import re
from dataclasses import dataclass

from proof.documents.demands import WHOLE
from proof.documents.fields import DIGEST, HEX_128, TIME, DocumentError, Fields, document
from proof.documents.types import STANDING

MAX_TARGETS = 64
TARGET = re.compile(r"[^/*\s]+/[^/*\s]+\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What a parameter may be: one text (`const`), or a whole number of a range (`low` to `high`, both included)."""

    name: str
    const: str | None
    low: int = 0
    high: int = 0

    def takes(self, value: str) -> bool:
        """Whether a parameter may have this value."""
        if self.const is not None:
            return value == self.const
        return bool(WHOLE.match(value)) and self.low <= int(value) <= self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What may run without being asked again, once enough people have signed this.

    Attributes:
        targets: each by name; no patterns.
        params: every parameter that a step may have; others are outside.
        per_hour, cool_down_s: at most so often, and so long after the one before.
    """

    id: str
    action: str
    adapter: str
    targets: tuple[str, ...]
    params: tuple[Allowed, ...]
    max_uses: int
    per_hour: int
    cool_down_s: int
    not_before: str
    not_after: str
    policy_sha256: str
    requested_by: str
    intent: str
    nonce: str
    audience: str

    def covers(self, action: str, adapter: str, target: str, params: dict[str, str]) -> bool:
        """Whether a step lies within it: all its parameters, and none besides."""
        if (action, adapter) != (self.action, self.adapter) or target not in self.targets:
            return False
        allowed = {item.name: item for item in self.params}
        return set(params) == set(allowed) and all(allowed[name].takes(value) for name, value in params.items())


def parse_standing(data: bytes) -> Standing:
    """Read the bytes of a standing approval.

    Raises:
        DocumentError: They are none, or it says nothing, or something twice.
    """
    found = document(data, STANDING, _standing)
    names = [item.name for item in found.params]
    if not 0 < len(set(found.targets)) == len(found.targets) <= MAX_TARGETS or len(set(names)) != len(names):
        msg = f"A standing approval names 1 to {MAX_TARGETS} targets, and each target and parameter once."
        raise DocumentError(msg)
    if found.not_after <= found.not_before or any(item.low > item.high for item in found.params):
        msg = "A standing approval has a range or a time that ends before it begins."
        raise DocumentError(msg)
    return found


def _standing(f: Fields) -> Standing:
    return Standing(
        id=f.text("id", HEX_128),
        action=f.text("action"),
        adapter=f.text("adapter"),
        targets=f.texts("targets", TARGET),
        params=f.objects("params", _allowed),
        max_uses=f.integer("max_uses", minimum=1),
        per_hour=f.integer("per_hour", minimum=1),
        cool_down_s=f.integer("cool_down_s"),
        not_before=f.text("not_before", TIME),
        not_after=f.text("not_after", TIME),
        policy_sha256=f.text("policy_sha256", DIGEST),
        requested_by=f.text("requested_by"),
        intent=f.text("intent"),
        nonce=f.text("nonce", HEX_128),
        audience=f.text("audience"),
    )


def _allowed(f: Fields) -> Allowed:
    name = f.text("name")
    if f.has("const"):
        return Allowed(name=name, const=f.text("const"))
    least = -(2**53)
    return Allowed(name=name, const=None, low=f.integer("min", minimum=least), high=f.integer("max", minimum=least))
