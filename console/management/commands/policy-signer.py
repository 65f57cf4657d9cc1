"""`./manage.py policy-signer`: the process that alone holds the key of automatic decisions."""

# ruff: noqa: N999 -- the command is typed like that

import signal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from approvals.policy_socket import Server
from console.startup import require_safe_start
from core.errors import ConsoleError


class Command(BaseCommand):
    help = "Sign automatic decisions over a Unix socket, each ruled on again here; under an account of its own."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.POLICY_SIGNER_SOCKET:
            detail = "POLICY_SIGNER_SOCKET is not set. Name the socket here and in every worker; see docs/deploy.md."
            raise CommandError(detail)
        require_safe_start()
        path = Path(settings.POLICY_SIGNER_SOCKET)
        try:
            server = Server(path)
        except ConsoleError as error:
            raise CommandError(error.detail) from error
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: server.stop())
        self.stderr.write(f"The policy signer listens on {path}.")
        with server:
            server.serve_forever(poll_interval=0.2)
        path.unlink(missing_ok=True)
