"""Make and list webhook endpoints."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from connectors import certificates
from connectors.finding import source_of
from connectors.models import Source
from connectors.registry import ALERT_SOURCES
from connectors.services.add_source import Endpoint, add_source
from connectors.services.confirm_topic import confirm_topic
from connectors.services.renew_source import renew_source
from connectors.services.require_certificates import require_certificates
from core.actors import SYSTEM
from core.errors import ConsoleError
from incidents.autonomy import LEVELS


class Command(BaseCommand):
    help = "Makes webhook endpoints that monitoring tools post to, and lists them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        add = verbs.add_parser("add", help="make an endpoint; its address is shown once")
        add.add_argument("kind", help=f"one of {', '.join(sorted(ALERT_SOURCES))}")
        add.add_argument("--name", required=True, help="what people call it, such as 'Production Prometheus'")
        add.add_argument("--autonomy", choices=LEVELS, default="observe", help="the most that agents may do about it")
        renew = verbs.add_parser("renew", help="give an endpoint a new address; the old one stops working")
        renew.add_argument("slug")
        listed = verbs.add_parser("list", help="list the endpoints, without their addresses")
        confirm = verbs.add_parser("confirm", help="let a topic of Amazon SNS post to an endpoint")
        confirm.add_argument("slug")
        confirm.add_argument("topic", help="its ARN, as the SNS console shows it")
        certify = verbs.add_parser("certificate", help="show, set or remove the client certificates that posts need")
        certify.add_argument("slug")
        change = certify.add_mutually_exclusive_group()
        change.add_argument("--set", nargs="+", metavar="FILE_OR_SHA256", help="PEM files or SHA-256, in place of all")
        change.add_argument("--remove", action="store_true", help="take posts without a client certificate")
        for verb in (add, renew, listed, confirm, certify):
            verb.add_argument("--json", action="store_true", dest="as_json", help="print JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            if options["verb"] == "list":
                self._list(as_json=options["as_json"])
            elif options["verb"] == "renew":
                self._show(renew_source(options["slug"], actor=SYSTEM), as_json=options["as_json"])
            elif options["verb"] == "confirm":
                source = confirm_topic(options["slug"], options["topic"], actor=SYSTEM)
                facts = _facts(source) | {"topics": source.topics}
                done = f"{source.name} takes signed messages of {', '.join(source.topics)}, and nothing else."
                self.stdout.write(json.dumps(facts) if options["as_json"] else done)
            elif options["verb"] == "certificate":
                self._certify(options)
            else:
                made = add_source(options["kind"], options["name"], autonomy=options["autonomy"], actor=SYSTEM)
                self._show(made, as_json=options["as_json"])
        except ConsoleError as error:
            raise CommandError(error.detail) from error

    def _show(self, endpoint: Endpoint, *, as_json: bool) -> None:
        source = endpoint.source
        if as_json:
            mailbox = {"mailbox": endpoint.mailbox} if endpoint.mailbox else {}
            self.stdout.write(json.dumps(_facts(source) | {"url": endpoint.url, "token": endpoint.token} | mailbox))
            return
        self.stdout.write(f"{source.name} ({source.kind}, agents may {source.autonomy}) posts to\n\n  {endpoint.url}\n")
        if endpoint.mailbox:
            self.stdout.write(f"or is sent to\n\n  {endpoint.mailbox}@the host of ./manage.py mail\n")
        self.stdout.write("The address holds a secret and is shown this once.")

    def _certify(self, options: dict[str, Any]) -> None:
        if options["set"] or options["remove"]:
            named = [certificates.told(_text(one)) for one in options["set"] or ()]
            source = require_certificates(options["slug"], named, actor=SYSTEM)
        else:
            source = source_of(options["slug"])
        if options["as_json"]:
            self.stdout.write(json.dumps(_facts(source) | {"certificates": source.certificates}))
            return
        held = certificates.stored(source.certificates)
        self.stdout.write("\n".join(one.sentence for one in held) or f"{source.name} needs no client certificate.")

    def _list(self, *, as_json: bool) -> None:
        for source in Source.objects.order_by("slug"):
            facts = _facts(source)
            if as_json:
                self.stdout.write(json.dumps(facts | {"certificates": source.certificates}))
                continue
            held = [f"certificate {one.sentence}" for one in certificates.stored(source.certificates)]
            self.stdout.write("  ".join([*map(str, facts.values()), *held]))


def _text(told: str) -> str:
    """The contents of a file, or what was told itself."""
    try:
        return Path(told).read_text(encoding="utf-8") if Path(told).is_file() else told
    except (OSError, ValueError) as error:
        detail = f"{told} cannot be read."
        raise CommandError(detail) from error


def _facts(source: Source) -> dict[str, Any]:
    return {
        "slug": source.slug,
        "kind": source.kind,
        "name": source.name,
        "autonomy": source.autonomy,
        "is_active": source.is_active,
    }
