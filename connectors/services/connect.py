"""Register an outside system that we read from or act on, or bring its address up to date."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from django.db import transaction

from audit import ledger
from connectors.intake.signed_door import key_of
from connectors.models import Connection
from connectors.permissions import grants
from connectors.registry import READERS, TICKETS
from connectors.secrets import SealedError, seal, unseal
from connectors.services.follow_incidents import begin
from core import live
from core.actors import Actor
from core.errors import BadInputError
from core.permissions import Permission

HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})
"""Where an account may go without encryption: it does not leave this computer."""


@transaction.atomic
def connect(
    kind: str,
    name: str,
    environment: str,
    config: Mapping[str, Any],
    secret: Mapping[str, str] | None = None,
    *,
    actor: Actor,
) -> Connection:
    """Upsert a connection by its name. Without `secret` the stored one stays; connecting the same again writes nothing.

    Raises:
        NotPermittedError: The actor is a person without the admin's role.
        BadInputError: There is no such kind.
    """
    known = Connection.objects.select_for_update().filter(name=name).first()
    grants.require(Permission.SOURCE_ADD, actor, known)
    if kind not in {*READERS, *TICKETS}:
        detail = f"There is no connection kind {kind[:40]!r}. There are: {', '.join(sorted({*READERS, *TICKETS}))}."
        raise BadInputError(detail)
    if kind in TICKETS:
        _require_usable(kind, config, secret or {})
        begin()

    wanted = {"kind": kind, "environment": environment, "config": dict(config), "is_active": True}
    is_same = known is not None and all(getattr(known, key) == value for key, value in wanted.items())
    if known is not None and is_same and (secret is None or _opened(known) == dict(secret)):
        return known
    sealed = {} if secret is None else {"secret": seal(secret)}
    found, created = Connection.objects.update_or_create(name=name, defaults={**wanted, **sealed})

    facts = {"kind": kind, "environment": environment, "new": created}
    ledger.append(actor=actor, verb="connection.made", subject=f"connection:{name}", facts=facts)
    live.changed("sources")
    return found


def _require_usable(kind: str, config: Mapping[str, Any], secret: Mapping[str, str]) -> None:
    """Refuse an address that is none, settings that lead nowhere and a key that is none, before anything uses them."""
    if not _is_safe(str(config.get("url", ""))):
        detail = "The connection needs the system's address with https, such as https://example.service-now.com."
        raise BadInputError(detail)
    TICKETS[kind](config, secret)
    if "hmac" in secret:
        key_of(secret["hmac"])


def _is_safe(url: str) -> bool:
    try:
        address = urlsplit(url)
    except ValueError:
        return False
    return bool(address.hostname) and (
        address.scheme == "https" or (address.scheme == "http" and address.hostname in HERE)
    )


def _opened(known: Connection) -> dict[str, str] | None:
    try:
        return unseal(known.secret)
    except SealedError:
        return None
