"""`./manage.py executor`: the executor as a process of its own; `status`, `pin` and `recover` beside it."""

import json
import signal
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from agents.execution import presence, standing_orders
from agents.execution.loop import ExecutorLoop
from console.startup import require_safe_start
from core.errors import ConsoleError


class Command(BaseCommand):
    help = "Run the executor, or ask and tell it what it trusts. Let one machine alone run it."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", metavar="VERB")
        verbs.add_parser("run", help="carry out what is approved, until SIGTERM; the step under way is finished first")
        status = verbs.add_parser("status", help="what it trusts, how far it has read, who executes now")
        status.add_argument("--json", action="store_true")
        pin = verbs.add_parser("pin", help="show the pinned root and registry, or pin another by hand")
        pin.add_argument("--root", default="", metavar="KEY_ID", help="id of the root key to trust from now on")
        pin.add_argument("--registry", default="", metavar="SHA256", help="digest of the newest registry that you know")
        recover = verbs.add_parser("recover", help="accept the log as it is now, after an older copy was restored")
        recover.add_argument("--yes", action="store_true", help="do it; without, only say what would be lost")
        recover.add_argument("--clock", action="store_true", help="forget the saved time too")

    def handle(self, *args: Any, **options: Any) -> None:
        verb = options["verb"] or "run"
        try:
            getattr(self, f"_{verb}")(options)
        except ConsoleError as error:
            raise CommandError(error.detail) from error

    def _run(self, _options: dict[str, Any]) -> None:
        if settings.EMBEDDED:
            detail = "The embedded mode runs the executor itself (`make run`). A process of its own is for production."
            raise CommandError(detail)
        require_safe_start()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: presence.ask_to_leave())
        loop = ExecutorLoop()
        self.stderr.write(f"The executor for {settings.AUDIENCE} works; its memory is in {settings.STATE_DIR}.")
        loop.run()

    def _status(self, options: dict[str, Any]) -> None:
        status = standing_orders.status()
        if options["json"]:
            self.stdout.write(json.dumps(status, indent=2))
            return
        width = max(len(name) for name in status)
        for name, value in status.items():
            self.stdout.write(f"{name.replace('_', ' '):<{width}}  {value}")

    def _pin(self, options: dict[str, Any]) -> None:
        if options["root"] or options["registry"]:
            standing_orders.pin_by_hand(root_key_id=options["root"], registry_sha256=options["registry"])
        for line in standing_orders.pinned():
            self.stdout.write(line)

    def _recover(self, options: dict[str, Any]) -> None:
        self.stdout.write(standing_orders.recover(really=options["yes"], clock_too=options["clock"]))
        if not options["yes"]:
            sys.exit(1)
