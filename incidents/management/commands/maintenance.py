"""`./manage.py maintenance open|list|extend|end`."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_datetime

from core import clock
from core.actors import SYSTEM
from core.errors import ConsoleError
from incidents.models import MaintenanceWindow
from incidents.services.end_window import end_window
from incidents.services.extend_window import extend_window
from incidents.services.open_window import WindowPlan, open_window
from incidents.windows import hides

UNITS = {"m": "minutes", "h": "hours", "d": "days"}
NEWEST = 50


class Command(BaseCommand):
    help = "Maintenance windows and change freezes: plans, lists, extends and ends them."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        opened = verbs.add_parser("open", help="plan a window, or open it at once")
        opened.add_argument("--why", required=True, help="a sentence; others will read it")
        opened.add_argument("--until", required=True, help="a time such as 2026-03-01T14:00Z, or 90m, 2h, 3d from now")
        opened.add_argument("--from", dest="starts_at", default="", help="a time, or 30m from now (default: now)")
        opened.add_argument("--service", action="append", default=[], help="slug of a service it covers; repeatable")
        opened.add_argument("--environment", default="", help="only this environment")
        opened.add_argument("--label", action="append", default=[], metavar="NAME=VALUE", help="VALUE may hold *")
        opened.add_argument("--freeze", action="store_true", help="a change freeze: hides nothing, agents do not act")
        listed = verbs.add_parser("list", help="list those that are planned or open, and the newest past ones")
        extended = verbs.add_parser("extend", help="let a window last longer")
        extended.add_argument("id", type=int)
        extended.add_argument("--until", required=True, help="its new end: a time, or 90m, 2h, 3d from now")
        ended = verbs.add_parser("end", help="end a window now")
        ended.add_argument("id", type=int)
        for verb in (opened, listed, extended, ended):
            verb.add_argument("--json", action="store_true", dest="as_json", help="print JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            if options["verb"] == "open":
                windows = [open_window(_plan(options), actor=SYSTEM)]
            elif options["verb"] == "extend":
                windows = [extend_window(options["id"], _moment(options["until"]), actor=SYSTEM)]
            elif options["verb"] == "end":
                windows = [end_window(options["id"], actor=SYSTEM)]
            else:
                windows = _listed()
        except ConsoleError as error:
            raise CommandError(error.detail) from error
        for window in windows:
            self.stdout.write(json.dumps(_facts(window)) if options["as_json"] else _line(window))


def _listed() -> list[MaintenanceWindow]:
    """All that are not over, then the newest that are."""
    newest = MaintenanceWindow.objects.order_by("-id")
    coming = newest.filter(ended_at__isnull=True, settled_at__isnull=True, until__gt=clock.now())
    return [*coming, *newest.exclude(pk__in=[window.pk for window in coming])[:NEWEST]]


def _plan(options: dict[str, Any]) -> WindowPlan:
    return WindowPlan(
        kind="freeze" if options["freeze"] else "maintenance",
        why=options["why"],
        starts_at=_moment(options["starts_at"]) if options["starts_at"] else None,
        until=_moment(options["until"]),
        services=tuple(options["service"]),
        environment=options["environment"],
        labels=dict(_label(text) for text in options["label"]),
    )


def _label(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not name or not sign:
        detail = f"{text!r} is no label; write NAME=VALUE."
        raise CommandError(detail)
    return name, value


def _moment(text: str) -> datetime:
    """A time; without a zone it is UTC. `90m`, `2h` and `3d` count from now."""
    number, unit = text[:-1], UNITS.get(text[-1:])
    if unit and number.isdecimal() and len(number) <= 5:
        return clock.now() + timedelta(**{unit: int(number)})
    try:
        at = parse_datetime(text)
    except ValueError:
        at = None
    if at is None:
        detail = f"{text!r} is no time; write 2026-03-01T14:00Z, or 90m, 2h, 3d."
        raise CommandError(detail)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _facts(window: MaintenanceWindow) -> dict[str, Any]:
    found = hides(window)
    return {
        "id": window.pk,
        "kind": window.kind,
        "state": window.state(clock.now()),
        "why": window.why,
        "services": window.services,
        "environment": window.environment,
        "labels": window.labels,
        "starts_at": clock.rfc3339(window.starts_at),
        "until": clock.rfc3339(window.until),
        "ended_at": clock.rfc3339(window.ended_at) if window.ended_at else None,
        "opened_by": window.opened_by,
        "ended_by": window.ended_by,
        "hides": {"now": found.now, "in_all": found.in_all, "worst": found.worst},
        "came_back": window.came_back,
    }


def _line(window: MaintenanceWindow) -> str:
    facts = _facts(window)
    about = ", ".join([*window.services, *([window.environment] if window.environment else [])])
    labels = " ".join(f"{name}={value}" for name, value in window.labels.items())
    hidden = facts["hides"]
    return (
        f"{window.pk}  {facts['state']}  {window.kind}  {about} {labels}".rstrip()
        + f"  {window.starts_at:%Y-%m-%d %H:%M} to {window.until:%Y-%m-%d %H:%M} UTC"
        + (f", ended {window.ended_at:%Y-%m-%d %H:%M}" if window.ended_at else "")
        + f"  hides {hidden['now']}, {hidden['in_all']} in all  {window.why}"
    )
