"""What `up`'s options mean for the settings, settled before Django reads them. Imports nothing of Django."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `./manage.py up`."""
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or "8000"))
    parser.add_argument("--data-dir", default="", help="where everything is kept (default: .data)")
    parser.add_argument("--no-lab", action="store_true", help="do not start the lab")
    parser.add_argument("--json", action="store_true", help="print address and links as one JSON line")


def settle(arguments: Sequence[str]) -> None:
    """Put the address, the data folder and the log file into the environment; what stands there already stays."""
    parser = argparse.ArgumentParser(add_help=False)
    add_options(parser)
    options, _ = parser.parse_known_args(arguments)
    if options.data_dir:
        os.environ["DATA_DIR"] = str(Path(options.data_dir).resolve())
    data_dir = os.environ.setdefault("DATA_DIR", str(HERE / ".data"))
    os.environ.setdefault("PUBLIC_URL", f"http://localhost:{options.port}")
    os.environ.setdefault("LOG_FILE", f"{data_dir}/console.log")
