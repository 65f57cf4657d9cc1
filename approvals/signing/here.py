"""The console that a command speaks to: the one on this data folder, or one that is named; and the token for it."""

import json
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from approvals.models import PersonKey
from approvals.signing.keys import SigningKey
from approvals.signing.remote import Console
from core.actors import SYSTEM
from core.errors import NotFoundError
from people.models import Person
from people.selectors import active_person
from people.services.add_token import add_token

SCOPES: Final = ("approvals:read", "approvals:sign")
TOKEN_FOR: Final = timedelta(minutes=10)


def add_place(parser: CommandParser) -> None:
    """The arguments that say where the console is and with which key to sign."""
    parser.add_argument("--ssh-key", metavar="PATH", help="private key, or .pub of one in an agent or on a device")
    parser.add_argument("--url", help="where the console is, if not on this computer")
    parser.add_argument("--token", help="an API token with the scopes approvals:read and approvals:sign")
    parser.add_argument("--yes", action="store_true", help="do not ask again before signing")
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")


def console(options: dict[str, Any], *, key: SigningKey | None = None, person: str = "") -> Console:
    """The console to speak to.

    Args:
        options: with `url` and `token`.
        key: whose owner asks, where this command runs beside the embedded console and brings no token.
        person: the same by handle, for a key that is nobody's yet.

    Raises:
        CommandError: A token is needed and none is given.
        NotFoundError: The key is nobody's here.
    """
    return Console(url=options.get("url") or url_here(), token=options.get("token") or _token(key, person))


def url_here() -> str:
    """The console that runs on this data folder, or the one that is configured."""
    try:
        found = json.loads((settings.DATA_DIR / "console.json").read_text(encoding="utf-8"))
        return str(found["url"]).rstrip("/")
    except (OSError, ValueError, KeyError, TypeError):
        return str(settings.PUBLIC_URL)


def _token(key: SigningKey | None, person: str) -> str:
    if not settings.EMBEDDED:
        detail = "Name a token with --token. Make one: ./manage.py token add --person NAME --scope approvals:sign."
        raise CommandError(detail)
    owner = active_person(person) if person else _owner_of(key)
    return add_token(owner.handle, SCOPES, actor=SYSTEM, valid_for=TOKEN_FOR)


def _owner_of(key: SigningKey | None) -> Person:
    row = PersonKey.objects.filter(pk=key.key_id, revoked_at=None).first() if key else None
    owner = Person.objects.filter(pk=row.person_id).first() if row else None
    if owner is None:
        detail = "This key is nobody's here yet. Enrol it: ./manage.py key enrol --person NAME --ssh-key FILE."
        raise NotFoundError(detail)
    return owner
