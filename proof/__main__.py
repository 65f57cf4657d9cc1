"""`python -m proof BUNDLE.tar`: check an export, offline, with the standard library and `cryptography` alone."""

import argparse
import json
import sys
from pathlib import Path

from proof.pins import read_pinned
from proof.report import Report
from proof.verifier import check_bundle

UNREADABLE = 2


def main(arguments: list[str] | None = None) -> int:
    """Check the bundle that the command line names; the return value is the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m proof",
        description="Check an export bundle. Exit code 0: intact, 1: not intact, 2: incomplete or unreadable.",
    )
    parser.add_argument("bundle", type=Path, help="the .tar file")
    parser.add_argument(
        "--keys",
        type=Path,
        help="JSON file from elsewhere than the bundle: root_public or root_words, log, and perhaps witnesses with k, "
        "a later checkpoint, and the path to it; VERIFY.md says more",
    )
    parser.add_argument("--json", action="store_true", help="print the report for programs")
    parser.add_argument(
        "--require-pinned", action="store_true", help="exit 2 if the author is not identified by --keys"
    )
    parser.add_argument(
        "--require-pq", action="store_true", help="exit 2 if no ML-DSA signature of the log was checked"
    )
    options = parser.parse_args(arguments)
    try:
        pinned = read_pinned(options.keys.read_text("utf-8")) if options.keys else None
        with options.bundle.open("rb") as stream:
            report = check_bundle(stream, pinned, require_pq=options.require_pq)
    except (OSError, ValueError) as error:
        print(f"CANNOT BE CHECKED: {error}", file=sys.stderr)
        return UNREADABLE
    if options.require_pinned and pinned is None:
        report.gaps.append("Keys from elsewhere are required (--keys), and none are given.")
    print(_shown(report, as_json=options.json), end="")
    return report.exit_code


def _shown(report: Report, *, as_json: bool) -> str:
    return json.dumps(report.as_json(), indent=2, ensure_ascii=True) + "\n" if as_json else report.as_text()


if __name__ == "__main__":
    sys.exit(main())
