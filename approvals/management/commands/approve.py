"""`./manage.py approve REQUEST`: read a change as text, and sign it with an SSH key over the public API."""

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from approvals.models import PersonKey
from approvals.signing import ceremony, here
from approvals.signing.ceremony import Wish
from approvals.signing.keys import SigningKey, read_key, usual_key
from approvals.signing.remote import Console
from core import clock
from core.actors import SYSTEM, Role
from core.errors import ConsoleError, NotFoundError
from people.models import Person
from people.services.add_token import add_token

SCOPES = ("approvals:read", "approvals:sign")
TOKEN_FOR = timedelta(minutes=10)


class Command(BaseCommand):
    help = (
        "Shows the change behind a request as text, rendered here from the exact bytes, and signs it with your SSH key."
        " Works from another machine with --url and --token."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012 -- Django's own class attribute

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("request", type=int, metavar="REQUEST", help="the request's number")
        parser.add_argument("--show", action="store_true", help="show the change and do no more")
        parser.add_argument("--ssh-key", metavar="PATH", help="private key, or .pub of one in an agent or on a device")
        parser.add_argument("--reject", metavar="WHY", help="say no, with the reason")
        parser.add_argument("--revoke", action="store_true", help="take your approval back, until it has begun")
        parser.add_argument("--abstain", action="store_true", help="say neither yes nor no")
        parser.add_argument("--for", dest="lent", metavar="ID", default="", help="sign under a right lent to you")
        parser.add_argument("--url", help="where the console is, if not on this computer")
        parser.add_argument("--token", help="an API token with the scopes approvals:read and approvals:sign")
        parser.add_argument("--yes", action="store_true", help="do not ask again before signing")
        parser.add_argument("--json", action="store_true", help="print the outcome as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            answer = self._run(options)
        except ConsoleError as error:
            raise CommandError(error.detail) from error
        if options["json"]:
            self.stdout.write(json.dumps(answer))

    def _run(self, options: dict[str, Any]) -> dict[str, Any]:
        key = None
        if not options["show"] or options["ssh_key"]:
            key = read_key(Path(options["ssh_key"]).expanduser() if options["ssh_key"] else usual_key())
        console = Console(url=options["url"] or here.url_here(), token=options["token"] or _short_lived_token(key))
        shown, began = ceremony.show(console, options["request"]), clock.monotonic()
        out = self.stderr if options["json"] else self.stdout
        out.write(shown.text)
        out.write(f"\nRequest {shown.request_id} is {shown.request['state']}. The six words: {shown.words}\n")
        if options["show"] or key is None:
            return {"request": shown.request, "change": shown.digest, "words": shown.words}
        wish = _wish(options, shown.request)
        if not options["yes"] and sys.stdin.isatty() and not _agrees(wish.decision):
            detail = "Nothing was signed."
            raise CommandError(detail)
        answer = ceremony.decide(console, shown, key, wish, viewed_ms=int((clock.monotonic() - began) * 1000))
        out.write(f"Recorded: {answer['decision']}. The request is now {answer['request']['state']}.")
        return answer


def _wish(options: dict[str, Any], request: dict[str, Any]) -> Wish:
    said = [name for name in ("reject", "revoke", "abstain") if options[name]]
    if len(said) > 1:
        detail = f"Say one thing: --{' or --'.join(said)}."
        raise CommandError(detail)
    lent = [one["act_sha256"] for one in request.get("delegations", []) if one["id"].startswith(options["lent"])]
    if options["lent"] and len(lent) != 1:
        detail = "Nobody lent you the right to sign this by that id. See ./manage.py delegate list."
        raise CommandError(detail)
    return Wish(
        decision=said[0] if said else "approve",
        comment=options["reject"] or "",
        delegation=lent[0] if options["lent"] else "",
    )


def _agrees(decision: str) -> bool:
    return input(f"Sign “{decision}” over exactly these bytes? [y/N] ").strip().lower() in {"y", "yes"}


def _short_lived_token(key: SigningKey | None) -> str:
    """A token for the key's owner, where this command runs beside the embedded console; elsewhere one brings one."""
    if not settings.EMBEDDED:
        detail = "Name a token with --token. Make one: ./manage.py token add --person NAME --scope approvals:sign."
        raise CommandError(detail)
    if key is None:
        reader = Person.objects.filter(is_active=True, role_grants__role=Role.APPROVER).order_by("created_at").first()
    else:
        row = PersonKey.objects.filter(pk=key.key_id, revoked_at=None).first()
        reader = Person.objects.filter(pk=row.person_id).first() if row else None
    if reader is None:
        detail = "This key is nobody's here yet. Enrol it: ./manage.py key add --person NAME --ssh-key FILE.pub."
        raise NotFoundError(detail)
    return add_token(reader.handle, SCOPES[:1] if key is None else SCOPES, actor=SYSTEM, valid_for=TOKEN_FOR)
