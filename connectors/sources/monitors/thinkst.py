"""Thinkst Canary's generic webhook, and the webhooks of canarytokens.org.

Somebody touched a decoy: there is no end and no severity. A console alert has the hash of its incident; a free token
has only its management page, whose address opens it to whoever reads it and is therefore no link here.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import reading
from connectors.base import Parsed, RawDelivery, first
from connectors.reading import Notes
from connectors.told import Source, Told, ignored, rejected
from incidents.events import Status

STATUSES = {"canaryincident": Status.FIRING, "canarytokenincident": Status.FIRING}
TEST_NODE, TEST_TYPE = "0000000testnode", "111111"
DECOY = frozenset(["CanaryID", "CanaryName", "Token", "Reminder", "IncidentHash", "Intro"])
TEST_PAGE = "http://example.com/test/url/for/webhook"


class Thinkst(Source):
    """Alerts of canaries and canarytokens."""

    slug = "thinkst"
    title = "Thinkst Canary"
    documentation = "https://docs.canary.tools/webhooks/generic.html"
    formats = ("canarytokens",)
    fingerprint_fields = ("IncidentHash, else token or canary with source and description", "a free token: manage_url")
    statuses = STATUSES

    def read(self, delivery: RawDelivery, notes: Notes) -> Parsed | Iterable[Told]:
        """Understand one alert."""
        body = reading.mapping(delivery.value)
        if body.get("type") == "console-audit":
            return ignored("It is a record of the console's audit trail.")
        if body.get("manage_url") and "channel" in body:
            test = body.get("manage_url") == TEST_PAGE
            return ignored("It is a test of the webhook.") if test else [_free_token(body)]
        if not body.get("AlertType") or not DECOY & set(body):
            return rejected(
                "There is neither an `AlertType` of a decoy nor a `manage_url`; this is not Thinkst Canary's."
            )
        if body.get("CanaryID") == TEST_NODE or str(body.get("LogType")) == TEST_TYPE:
            return ignored("It is a test of the webhook.")
        return [self._told(body, notes)]

    def _told(self, body: Mapping[str, Any], notes: Notes) -> Told:
        incident = first(("IncidentHash", "IncidentKey"), body)
        decoy = first(("CanaryID", "Token", "CanaryName", "Reminder"), body)
        return Told(
            status=self.status_of(body.get("AlertType"), notes),
            identity=("incident", incident)
            if incident
            else ("decoy", decoy, body.get("SourceIP"), body.get("Description")),
            titles=[body.get("Description"), body.get("Intro")],
            description=_description(body),
            resource=("canary", first(("CanaryName", "Reminder", "CanaryIP", "Token"), body)),
            region=body.get("CanaryLocation"),
            labels={
                name: body[name]
                for name in ("CanaryID", "CanaryIP", "CanaryPort", "SourceIP", "ReverseDNS", "TokenType", "Flock")
                if body.get(name)
            },
            starts_at=body.get("Timestamp"),
            source_event_id=incident,
        )


def _description(body: Mapping[str, Any]) -> str:
    """The introduction and the details, a line each, but for passwords that somebody typed."""
    details = body.get("AdditionalDetails")
    pairs = [one for one in details if isinstance(one, list) and len(one) == 2] if isinstance(details, list) else []
    lines = [
        f"{name}: {value}"
        for name, value in pairs
        if isinstance(value, str | int | float) and "password" not in str(name).lower()
    ]
    return "\n".join([str(body.get("Intro") or ""), *lines]).strip()


def _free_token(body: Mapping[str, Any]) -> Told:
    details = reading.mapping(body.get("additional_data"))
    source = body.get("src_ip") or details.get("src_ip")
    return Told(
        status=Status.FIRING,
        identity=("token", body.get("manage_url")),
        titles=[body.get("memo"), f"A canarytoken was triggered ({body.get('channel')})"],
        description=f"A canarytoken was triggered over {body.get('channel')} by {source or 'an unknown source'}.",
        resource=("canarytoken", body.get("memo")),
        labels={
            "channel": body.get("channel") or "",
            "src_ip": source or "",
            "token_type": body.get("token_type") or "",
        },
        starts_at=body.get("time"),
    )
