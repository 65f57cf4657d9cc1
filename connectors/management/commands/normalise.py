"""Read payload files as a source would."""

import json
import re
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from connectors.base import Outcome, Parsed, RawDelivery
from connectors.intake import envelopes, strict_json
from connectors.mapping.document import check
from connectors.registry import alert_source, canonical_kind
from connectors.sources.mapped import Mapped
from connectors.told import Source
from core import clock
from core.errors import BadInputError, NotFoundError

A_FIELD = re.compile(rb"[A-Za-z0-9_.%\[\]-]{1,100}=")


class Command(BaseCommand):
    help = "Parses payload files as a source of that kind would and prints a JSON line each; stores nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", help="the wire format, such as alertmanager")
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="without any, standard input is read")
        parser.add_argument("--mapping", type=Path, metavar="FILE", help="how to read them, with the kind mapped")
        parser.add_argument("--json", action="store_true", help="as always; accepted for scripts")

    def handle(self, *_args: Any, **options: Any) -> None:
        adapter = self._adapter(options["kind"], options["mapping"])
        for name, body in [(_name(file), _bytes(file)) for file in options["files"]] or [
            ("-", sys.stdin.buffer.read())
        ]:
            line = {"file": name, **self._line(adapter, options["kind"], body)}
            self.stdout.write(json.dumps(line, ensure_ascii=False))

    def _adapter(self, kind: str, mapping: Path | None) -> Source:
        try:
            adapter = alert_source(kind)
            if mapping is None:
                return adapter
            if not isinstance(adapter, Mapped):
                detail = f"{kind} is read by its own adapter. Only the kind mapped takes a mapping."
                raise CommandError(detail)
            document, _ = strict_json.parse(_bytes(mapping))
            return Mapped(check(document))
        except (BadInputError, NotFoundError) as error:
            raise CommandError(error.detail) from error

    def _line(self, adapter: Source, kind: str, body: bytes) -> dict[str, Any]:
        try:
            value, warnings = envelopes.opened(body, _media(adapter, body))
        except BadInputError as error:
            parsed, warnings = Parsed(outcome=Outcome.REJECT, warnings=(error.detail,)), ()
        else:
            raw = RawDelivery(uid="normalise", source=canonical_kind(kind), received_at=clock.now(), value=value)
            parsed = adapter.parse(raw)
        return {
            "outcome": parsed.outcome.value,
            "events": [event.as_json() for event in parsed.events],
            "warnings": [*warnings, *parsed.warnings],
        }


def _media(adapter: Source, body: bytes) -> str:
    """What a file without a content type must be, of what the source takes."""
    if body.lstrip().startswith((b"{", b"[")):
        return envelopes.JSON
    if envelopes.PARTS in adapter.media and body.startswith(b"--"):
        return envelopes.PARTS
    if envelopes.FORM in adapter.media and A_FIELD.match(body):
        return envelopes.FORM
    return envelopes.MESSAGE if envelopes.MESSAGE in adapter.media else envelopes.JSON


def _name(file: Path) -> str:
    return f"{file.resolve().parent.name}/{file.name}"


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        detail = f"{file} cannot be read: {error.strerror}."
        raise CommandError(detail) from error
