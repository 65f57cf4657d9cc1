"""`./manage.py mail`: takes mail for sources of the kind `email` by SMTP or LMTP."""

import asyncio
import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from connectors.intake.letterbox import serve
from console.startup import require_safe_start


class Command(BaseCommand):
    help = "Takes mail for sources of the kind email, until SIGTERM. Answers 250 only when a message is stored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="where to listen; 127.0.0.1 unless said otherwise")
        parser.add_argument("--port", type=int, default=2525)
        parser.add_argument("--lmtp", action="store_true", help="speak LMTP (RFC 2033), as mail servers deliver")

    def handle(self, *args: Any, **options: Any) -> None:
        require_safe_start()
        try:
            asyncio.run(self._serve(options["host"], options["port"], lmtp=options["lmtp"]))
        except OSError as error:
            detail = f"Nothing can listen on {options['host']} port {options['port']}: {error.strerror or error}."
            raise CommandError(detail) from error

    async def _serve(self, host: str, port: int, *, lmtp: bool) -> None:
        stop = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        self.stderr.write(f"Mail is taken on {host} port {port} by {'LMTP' if lmtp else 'SMTP'}.")
        await serve(host, port, lmtp=lmtp, stop=stop)
