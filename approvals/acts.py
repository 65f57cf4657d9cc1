"""Acts: whatever a person signs that is no decision. Their bytes, and the table of what each kind does."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from audit import keystore
from audit.selectors import latest_checkpoint
from core import clock
from core.actors import Actor
from core.errors import BadInputError, RefusedError
from proof import canonical
from proof.documents import ACT, Act, DocumentError, parse_act

VALID_FOR: Final = timedelta(minutes=5)
LONGEST_VALUE: Final = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """An act that was verified and recorded; only `record_act` makes one.

    Attributes:
        statement_sha256, sidecar_sha256: kept documents, the act and the act with its signature.
        key_class: that of the signature as it was made.
        entry_uid: the entry whose place in the ledger is from when on it counts.
        actor: the person who signed.
    """

    act: Act
    statement_sha256: str
    sidecar_sha256: str
    key_class: str
    entry_uid: str
    actor: Actor


May = Callable[[Act, Actor], None]
Then = Callable[[Signed], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a kind of act needs and does.

    Attributes:
        may: raises unless this person may do this; asked before the bytes are handed out and when they come back.
        then: the verb, in the transaction that records the act; its JSON-ready answer goes back to whoever signed.
        verb: of its entry. Quorums read `act.recorded`; what bears on none may have a verb of its own.
    """

    may: May
    then: Then
    verb: str = "act.recorded"


_kinds: dict[str, Kind] = {}


def register(name: str, *, may: May, then: Then, verb: str = "act.recorded") -> None:
    """Say what a kind of act needs and does; called once a kind, from a package's `ready`."""
    _kinds[name] = Kind(may=may, then=then, verb=verb)


def kind_of(name: str) -> Kind:
    """What a kind needs and does.

    Raises:
        BadInputError: Nothing here does that.
    """
    if name not in _kinds:
        detail = f"There is no act {name!r} here; there are {', '.join(sorted(_kinds))}."
        raise BadInputError(detail)
    return _kinds[name]


def template(
    kind: str,
    subject: str,
    particulars: Mapping[str, str],
    *,
    by: tuple[str, str],
    registry_version: int,
    issued_at: datetime,
) -> bytes:
    """The canonical bytes of an act, with a fresh nonce and the state of the ledger as it is now.

    Args:
        kind: one of the closed set.
        subject: what it is done to.
        particulars: the rest, by name.
        by: who will sign, as person id and key id.
        registry_version: the one in force.
        issued_at: from when on it may be signed, for five minutes.

    Raises:
        BadInputError: A part is not of the form that an act has.
    """
    head = latest_checkpoint()
    document = {
        "_type": ACT,
        "kind": kind,
        "person_id": by[0],
        "key_id": by[1],
        "installation": keystore.installation(),
        "registry_version": registry_version,
        "subject": subject,
        "particulars": [{"name": name, "value": particulars[name]} for name in sorted(particulars)],
        "nonce": secrets.token_hex(16),
        "issued_at": clock.rfc3339(issued_at),
        "expires_at": clock.rfc3339(issued_at + VALID_FOR),
        "log": {"origin": keystore.origin(), "size": head.size if head else 0, "root": head.root if head else ""},
    }
    try:
        data = canonical.dumps(document)
        parse_act(data)
    except (canonical.CanonicalError, DocumentError) as error:
        detail = f"This cannot be signed: {error}"
        raise BadInputError(detail) from error
    return data


def read(data: bytes) -> Act:
    """Read an act that somebody signed.

    Raises:
        RefusedError: It is none.
    """
    try:
        return parse_act(data)
    except DocumentError as error:
        detail = f"What was signed is not an act: {error}"
        raise RefusedError(detail) from error


def noun_of(act: Act, noun: str) -> str:
    """The id in an act's subject, such as that of a key in `key:<id>`.

    Raises:
        BadInputError: Its subject is something else.
    """
    kind, _, found = act.subject.partition(":")
    if kind != noun or not found:
        detail = f"The subject of {act.kind} is `{noun}:<id>`, not {act.subject!r}."
        raise BadInputError(detail)
    return found
