"""`./manage.py up`: the embedded console, and the lab, in the foreground."""

import contextlib
import json
import os
import socket
import subprocess
import threading
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from console import assurance, bootstrap, labctl
from console.embedded import Console
from console.settle import add_options

LAB_WITHIN_S = 60


class Command(BaseCommand):
    """The embedded console in the foreground; Ctrl-C stops all it started."""

    help = "Start the embedded console (and the lab) in the foreground. Ctrl-C stops everything it started."
    requires_system_checks: list[str] = []  # noqa: RUF012 -- Django's own class attribute
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        port: int = options["port"]
        self._refuse_taken_port(port)
        if not settings.EMBEDDED:
            detail = "REDIS_URL is set: this is a production configuration. See docs/deploy.md for its processes."
            raise CommandError(detail)
        bootstrap.prepare()
        webhook = bootstrap.lab_webhook()
        lab = None if options["no_lab"] else labctl.start(webhook)
        console = Console(port)
        threading.Thread(target=self._greet, args=(console, lab, options), daemon=True).start()
        try:
            console.run()
        finally:
            with contextlib.suppress(FileNotFoundError):
                (settings.DATA_DIR / "console.json").unlink()
            if lab is not None:
                _stop(lab)

    def _refuse_taken_port(self, port: int) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                detail = f"Port {port} is taken. Stop what uses it, or choose another: make run PORT=8100."
                raise CommandError(detail) from error

    def _greet(self, console: Console, lab: "subprocess.Popen[bytes] | None", options: dict[str, Any]) -> None:
        if not console.wait_until_serving(30):
            return
        links = bootstrap.sign_in_links()
        about = {"url": settings.PUBLIC_URL, "pid": os.getpid()}
        (settings.DATA_DIR / "console.json").write_text(json.dumps(about), encoding="utf-8")
        if options["json"]:
            self.stdout.write(json.dumps({**about, "links": {link.handle: link.url for link in links}}))
        else:
            self.stdout.write(self.style.SUCCESS(f"\nCountersign is at {settings.PUBLIC_URL}\n"))
            self.stdout.write(" ".join(assurance.sentences()) + "\n")
            self.stdout.write("One-time sign-in links (local mode, this computer only):")
            for link in links:
                self.stdout.write(f"  {link.handle:<10} {link.url}")
        self.stdout.flush()
        if lab is not None:
            self._join_lab(lab, quiet=options["json"])

    def _join_lab(self, lab: "subprocess.Popen[bytes]", *, quiet: bool) -> None:
        deadline = time.monotonic() + LAB_WITHIN_S
        while time.monotonic() < deadline and lab.poll() is None:
            found = labctl.description()
            if found is not None:
                labctl.connect_lab(found)
                if not quiet:
                    self.stdout.write(
                        f"\nThe lab runs ({found['monitor']} monitor). Break something:\n"
                        "  ./manage.py lab break bad-config    (or leak, red-herring; `lab heal` restores)\n\n"
                        f"Logs: {settings.LOG_FILE}. Ctrl-C stops everything."
                    )
                    self.stdout.flush()
                return
            time.sleep(0.1)
        self.stderr.write(f"The lab did not start; its log is {settings.LAB_DIR / 'lab.log'}. The console goes on.")


def _stop(lab: "subprocess.Popen[bytes]") -> None:
    lab.terminate()
    try:
        lab.wait(15)
    except subprocess.TimeoutExpired:
        lab.kill()
        lab.wait()
