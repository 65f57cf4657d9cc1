"""Which headers of a delivery are kept, and how they are written down. Pure."""

from collections.abc import Iterable
from typing import Final

from connectors.intake.strict_json import scrub

KEPT: Final = frozenset(
    {
        "aeg-event-type",
        "aeg-subscription-name",
        "content-type",
        "traceparent",
        "user-agent",
        "x-request-id",
        "x-oci-ns-messagetype",
        "x-oci-ns-messageid",
        "x-oci-ns-timestamp",
        "x-amz-sns-message-id",
        "x-amz-sns-message-type",
        "x-amz-sns-rawdelivery",
        "x-amz-sns-subscription-arn",
        "x-amz-sns-topic-arn",
    }
)
PREFIX: Final = "ce-"
"""The attributes of a CloudEvent in binary mode."""
LONGEST: Final = 500
LONGEST_NAME: Final = 60
MOST: Final = 40


def kept(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Those on the list, by lower-case name, storable and cut to a length. Whatever else was sent is not looked at."""
    named = [(name.lower(), value) for name, value in headers if value]
    listed = [(name, value) for name, value in named if name in KEPT]
    attributes = [(name, value) for name, value in named if name.startswith(PREFIX) and len(name) <= LONGEST_NAME]
    return {name: _storable(value) for name, value in (*listed, *attributes[:MOST])}


def _storable(value: str) -> str:
    return "".join(char if char.isprintable() else " " for char in scrub(value))[:LONGEST]
