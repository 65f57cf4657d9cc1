"""A standing approval as plain text: all that is signed, the same on every machine."""

from proof import canonical
from proof.documents import Allowed, Standing, parse_standing
from proof.render import machine, sentence
from proof.words import six_words


def render_standing(standing_bytes: bytes) -> str:
    """The text that a person reads before signing.

    Raises:
        DocumentError: The bytes are not a standing approval.
    """
    return text_of_standing(parse_standing(standing_bytes), canonical.sha256(standing_bytes))


def text_of_standing(standing: Standing, digest: str) -> str:
    """As `render_standing`, for one that has been read already, and its digest."""
    lines = [
        f"STANDING APPROVAL {standing.id}",
        f"  {sentence(standing.intent)}",
        f"  six words: {' '.join(six_words(digest))}",
        f"  sha256: {digest}",
        f"  audience: {machine(standing.audience)}",
        "",
        "WHAT MAY RUN WITHOUT BEING ASKED AGAIN",
        f"  action: {machine(standing.action)} by {machine(standing.adapter)}",
        *(f"  target: {machine(target)}" for target in standing.targets),
        *(f"  {_parameter(item)}" for item in standing.params),
        "  no other parameter",
        "",
        "HOW OFTEN AND HOW LONG",
        f"  at most {standing.max_uses} times, {standing.per_hour} in an hour, {standing.cool_down_s} s apart",
        f"  from {standing.not_before}",
        f"  to {standing.not_after}",
        "",
        "PEOPLE AND POLICY",
        f"  asked for by {machine(standing.requested_by)}, who may not approve it",
        f"  ends with the policy sha256 {standing.policy_sha256}",
        f"  nonce {standing.nonce}",
    ]
    return "\n".join(lines) + "\n"


def _parameter(item: Allowed) -> str:
    if item.const is not None:
        return f"{machine(item.name)} = {machine(item.const)}"
    return f"{machine(item.name)} = a whole number from {item.low} to {item.high}"
