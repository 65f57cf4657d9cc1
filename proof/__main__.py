"""`python -m proof BUNDLE.tar`: check an export, offline, with the standard library and `cryptography` alone."""

import argparse
import json
import sys
from pathlib import Path

from proof.archive import MAX_TOTAL
from proof.report import Report
from proof.verifier import read_pinned, verify

UNREADABLE = 2


def main(arguments: list[str] | None = None) -> int:
    """Check the bundle that the command line names; the return value is the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m proof",
        description="Check an export bundle. Exit code 0: intact, 1: not intact, 2: incomplete or unreadable.",
    )
    parser.add_argument("bundle", type=Path, help="the .tar file")
    parser.add_argument("--keys", type=Path, help="JSON file with root_public and log, from elsewhere than the bundle")
    parser.add_argument("--json", action="store_true", help="print the report for programs")
    parser.add_argument(
        "--require-pinned", action="store_true", help="exit 2 if the author is not identified by --keys"
    )
    options = parser.parse_args(arguments)
    try:
        pinned = read_pinned(options.keys.read_text("utf-8")) if options.keys else None
        data = _read(options.bundle)
    except (OSError, ValueError) as error:
        print(f"CANNOT BE CHECKED: {error}", file=sys.stderr)
        return UNREADABLE
    report = verify(data, pinned)
    if options.require_pinned and pinned is None:
        report.gaps.append("Keys from elsewhere are required (--keys), and none are given.")
    print(_shown(report, as_json=options.json), end="")
    return report.exit_code


def _read(path: Path) -> bytes:
    if path.stat().st_size > MAX_TOTAL:
        msg = f"{path} is larger than any bundle may be."
        raise ValueError(msg)
    return path.read_bytes()


def _shown(report: Report, *, as_json: bool) -> str:
    return json.dumps(report.as_json(), indent=2, ensure_ascii=True) + "\n" if as_json else report.as_text()


if __name__ == "__main__":
    sys.exit(main())
