"""Records of the ledger as CloudEvents 1.0, structured JSON. Pure.

Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md and its extension `sequence`.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import BadInputError

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
MOST_BYTES = 65_536
"""What every receiver of CloudEvents should take; larger ones go without their facts."""
PREFIX = "countersign."
NOUNS: Mapping[str, str] = {
    "account": "accounts of companies that people sign in by",
    "act": "signed acts of people",
    "alarm": "alarms of the console about itself",
    "alert": "alerts",
    "assent": "approvals given in ticket systems",
    "assurance": "what the installation promises",
    "audit": "exports of the record",
    "change": "frozen changes",
    "connection": "systems that we are connected to",
    "decision": "signed decisions",
    "deliveries": "batches of deliveries that were read",
    "delivery": "single deliveries, such as dead letters",
    "executor": "the process that carries changes out",
    "guardrail": "what guardrails refused",
    "hypotheses": "causes that agents ranked",
    "incident": "incidents",
    "key": "people's keys",
    "keys": "drafts of the registry of keys",
    "ledger": "the ledger itself",
    "maintenance": "maintenance windows and freezes",
    "notice": "notices to people",
    "override": "overrides",
    "person": "people",
    "policy": "the policy",
    "refusals": "what was refused at the door",
    "registry": "the registry of keys",
    "remediation": "remediations",
    "request": "requests for approval",
    "role": "roles of people",
    "rules": "rules for alerts",
    "run": "runs of the executor",
    "service": "services of the catalogue",
    "session": "sessions in browsers",
    "sign-in-key": "keys that people sign in with",
    "sign-in-link": "one-time links",
    "source": "sources",
    "standing": "standing approvals",
    "step": "steps of runs",
    "ticket": "records in ticket systems",
    "token": "tokens for the API",
    "verification": "what agents read after a run",
    "webhook": "webhooks",
}
"""Every noun of the ledger; a test holds the list to the code."""
PERSONAL = frozenset({"account", "person", "session", "sign-in-key", "sign-in-link", "token"})
"""Their facts stay here: what has left cannot be erased."""
PATTERN = re.compile(r"(\*|([a-z][a-z-]*)\.(\*|[a-z][a-z_.-]*))")
MOST_PATTERNS, LONGEST_PATTERN = 50, 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One sequenced record."""

    uid: str
    seq: int
    at: str
    verb: str
    subject: str
    actor: str
    about: tuple[str, ...]
    facts: Mapping[str, Any]  # JSON
    leaf_hash: str

    @property
    def type(self) -> str:
        """The CloudEvents type: `countersign.<noun>.<past participle>`."""
        return PREFIX + self.verb


def patterns_of(words: Iterable[str]) -> list[str]:
    """The patterns of a webhook: `*`, `incident.*`, `alert.fired`, each also with `countersign.` before it.

    Raises:
        BadInputError: None, too many, not of this form, or of a noun that there is not.
    """
    found = sorted({word.strip().removeprefix(PREFIX) for word in words})
    if not found or len(found) > MOST_PATTERNS:
        detail = f"Name 1 to {MOST_PATTERNS} types of events, such as incident.* or alert.fired; * is all."
        raise BadInputError(detail)
    for one in found:
        form = PATTERN.fullmatch(one) if len(one) <= LONGEST_PATTERN else None
        if form is None:
            detail = f"{one[:80]!r} is no type of event. Write such as incident.*, alert.fired, or * for all."
            raise BadInputError(detail)
        if one != "*" and form[2] not in NOUNS:
            detail = f"There is no noun {form[2]!r}; there are {', '.join(sorted(NOUNS))}."
            raise BadInputError(detail)
    return ["*"] if "*" in found else found


def cloud_event(happened: Happened, *, installation: str, console: str) -> bytes:
    """The body that is sent. One that is too large goes without its facts, and says so."""
    is_personal = happened.verb.partition(".")[0] in PERSONAL
    body = _written(happened, installation, console, {} if is_personal else happened.facts, "")
    if len(body) <= MOST_BYTES:
        return body
    body = _written(happened, installation, console, {}, "The facts are too large to be sent; read the record.")
    if len(body) <= MOST_BYTES:
        return body
    brief = Happened(**{**_fields(happened), "about": (happened.subject,)})
    return _written(brief, installation, console, {}, "The particulars are too large to be sent; read the record.")


def _fields(happened: Happened) -> dict[str, Any]:
    return {name: getattr(happened, name) for name in happened.__slots__}


def _written(happened: Happened, installation: str, console: str, facts: Mapping[str, Any], note: str) -> bytes:
    data: dict[str, Any] = {
        "actor": happened.actor,
        "about": list(happened.about),
        "facts": facts,
        "record": {
            "seq": happened.seq,
            "leaf_hash": happened.leaf_hash,
            "url": f"{console}/audit/records/{happened.seq}/",
        },
    }
    return envelope(
        id_=happened.uid,
        installation=installation,
        type_=happened.type,
        subject=happened.subject,
        at=happened.at,
        sequence=f"{happened.seq:020d}",
        data={**data, "note": note} if note else data,
    )


def envelope(  # noqa: PLR0913 -- the attributes of an event
    *, id_: str, installation: str, type_: str, subject: str, at: str, sequence: str, data: Mapping[str, Any]
) -> bytes:
    """A CloudEvent as JSON; ASCII alone, so that nothing in it depends on a charset."""
    event = {
        "specversion": "1.0",
        "id": id_,
        "source": f"urn:countersign:{installation}",
        "type": type_,
        "subject": subject,
        "time": at,
        "sequence": sequence,
        "datacontenttype": "application/json",
        "data": data,
    }
    return json.dumps({key: value for key, value in event.items() if value != ""}, separators=(",", ":")).encode()
