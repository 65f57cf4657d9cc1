#!/usr/bin/env python
"""Countersign's command line: `./manage.py help` lists what it does."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Run a command in the project's own virtual environment, wherever it was called from."""
    python = HERE / ".venv" / "bin" / "python"
    if python.exists() and Path(sys.prefix).resolve() != (HERE / ".venv").resolve():
        os.execv(python, [str(python), *sys.argv])  # noqa: S606 -- re-run inside the environment
    if sys.argv[1:2] == ["up"]:
        from console.settle import settle  # noqa: PLC0415 -- inside the environment only

        settle(sys.argv[2:])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
