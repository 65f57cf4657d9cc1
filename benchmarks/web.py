"""The web process alone, in production mode; what else a benchmark needs it starts itself."""

import httpx

from tests.scenarios.installations import Production, wait_for


class Web(Production):
    """One web process, over a database and a Redis that exist."""

    def serve(self, database: str, broker: str) -> None:
        """Start it and wait until it answers."""
        self.environment |= {"DATABASE_URL": database, "REDIS_URL": broker, "SECRET_KEY": "x" * 50}
        self.manage("prepare")
        self.start_web()
        wait_for(lambda: httpx.get(f"http://127.0.0.1:{self.port}/healthz", timeout=2).is_success or None, 30, self)
