"""Read payload files as a source would."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from connectors.base import Outcome, Parsed, RawDelivery
from connectors.intake import strict_json
from connectors.registry import alert_source, canonical_kind
from core import clock
from core.errors import BadInputError, NotFoundError


class Command(BaseCommand):
    help = "Parses payload files as a source of that kind would and prints a JSON line each; stores nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", help="the wire format, such as alertmanager")
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--json", action="store_true", help="as always; accepted for scripts")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            alert_source(options["kind"])
        except NotFoundError as error:
            raise CommandError(error.detail) from error
        for file in options["files"]:
            try:
                body = file.read_bytes()
            except OSError as error:
                detail = f"{file} cannot be read: {error.strerror}."
                raise CommandError(detail) from error
            self.stdout.write(json.dumps(self._line(options["kind"], file, body), ensure_ascii=False))

    def _line(self, kind: str, file: Path, body: bytes) -> dict[str, Any]:
        try:
            value, warnings = strict_json.parse(body)
        except BadInputError as error:
            parsed, warnings = Parsed(outcome=Outcome.REJECT, warnings=(error.detail,)), ()
        else:
            raw = RawDelivery(uid="normalise", source=canonical_kind(kind), received_at=clock.now(), value=value)
            parsed = alert_source(kind).parse(raw)
        return {
            "file": f"{file.resolve().parent.name}/{file.name}",
            "outcome": parsed.outcome.value,
            "events": [event.as_json() for event in parsed.events],
            "warnings": [*warnings, *parsed.warnings],
        }
