"""A company: its identity provider in a process of its own, and a console that trusts it."""

import json
import select
import subprocess
from pathlib import Path

from tests.console.browsing import Console, Seeded, free_port
from tests.node import cached, environment, node, npm_install

PACKAGES = {"oidc-provider": "9.13.3"}
CLIENT = {"client_id": "countersign", "client_secret": "s3cret-for-tests-s3cret-for-tests"}
PEOPLE = {
    "grace": ["sre", "staff"],
    "grace-adm": ["sre", "staff"],
    "henry": ["signers", "staff"],
    "ivan": ["guests"],
}
ROLES = "sre=operator,signers=approver"


class Provider:
    """The provider, for one console at a known address."""

    def __init__(self, console_url: str, port: int) -> None:
        self.url = f"http://localhost:{port}"
        modules = npm_install(cached(PACKAGES), PACKAGES)
        told = {
            **CLIENT,
            "redirect_uris": [f"{console_url}/sign-in/company/done/"],
            "logout_uris": [f"{console_url}/sign-in/"],
            "people": PEOPLE,
        }
        script = Path(__file__).with_name("provider.mjs")
        self.process = subprocess.Popen(
            [node(), script, str(port), modules, json.dumps(told)],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        ready, _, _ = select.select([self.process.stdout], [], [], 30)
        if not ready or "listening" not in self.process.stdout.readline():
            raise RuntimeError("the provider did not start")

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()


class Company:
    """Provider and console together."""

    def __init__(self, folder: Path, **extra: str) -> None:
        port = free_port()
        issuer = f"http://localhost:{port}"
        settings = {
            "OIDC_ISSUER": issuer,
            "OIDC_CLIENT_ID": CLIENT["client_id"],
            "OIDC_CLIENT_SECRET": CLIENT["client_secret"],
            "OIDC_GROUP_ROLES": ROLES,
            **extra,
        }
        seeded = WithSettings(folder / "seeded", port + 1, settings)
        self.provider = Provider(seeded.url, port)
        self.console = Console(seeded, folder / "running")

    def stop(self) -> None:
        """End both."""
        self.console.stop()
        self.provider.stop()


class WithSettings(Seeded):
    """A seeded console with more settings."""

    def __init__(self, folder: Path, port_from: int, settings: dict[str, str]) -> None:
        self.settings = settings
        super().__init__(folder, "empty", port_from=port_from)

    def environment(self, folder: Path) -> dict[str, str]:
        """What a program needs to work on a copy of it."""
        return {**super().environment(folder), **self.settings}
