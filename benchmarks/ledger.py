"""The ledger on a PostgreSQL of its own: durable appends beside raw inserts, leaves placed, how far the head is behind.

Bounded to seconds each. `python benchmarks/ledger.py` prints rows for benchmarks/README.md; run.py calls it too.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.with_services import postgres


def main() -> None:
    """Start a database, measure in a process that knows it, print what it prints."""
    with postgres() as url, tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ, "DATABASE_URL": url, "DATA_DIR": folder, "REDIS_URL": "", "PYTHONPATH": str(ROOT),
            "EXECUTOR_STATE_DIR": f"{folder}/executor", "DJANGO_SETTINGS_MODULE": "console.settings",
        }  # fmt: skip
        migrate = [sys.executable, "manage.py", "migrate", "audit", "--skip-checks", "-v0"]
        subprocess.run(migrate, cwd=ROOT, env=environment, check=True)
        inside = ROOT / "benchmarks" / "ledger_inside.py"
        subprocess.run([sys.executable, "-W", "ignore", inside], cwd=ROOT, env=environment, check=True)


if __name__ == "__main__":
    main()
