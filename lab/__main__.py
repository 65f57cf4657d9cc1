"""`python -m lab up|break|heal|status`."""

import argparse
import json
import sys
from pathlib import Path

from lab import faults, git, up


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it was done, 1 when it could not be, with the reason on standard error."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "up":
            up.up(options.dir, options.webhook, options.monitor, options.base_port)
            return 0
        lab = faults.Lab(options.dir)
        if options.command == "status":
            _print_status(lab, as_json=options.json)
            return 0
        for sentence in lab.break_(options.name) if options.command == "break" else lab.heal():
            print(sentence)
    except (up.LabError, faults.FaultError, git.GitError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab", description="A shop in miniature, to break and to heal.")
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser("up", help="run the shop in the foreground; Ctrl-C ends all of it")
    start.add_argument("--webhook", required=True, metavar="URL", help="where alerts are posted")
    start.add_argument("--monitor", choices=up.MONITORS, default="auto", help="auto: Debian's Prometheus if installed")
    start.add_argument("--base-port", type=int, metavar="N", help="first of eight ports; default: free ones, kept")
    breaking = commands.add_parser("break", help="inject a fault")
    breaking.add_argument("name", metavar="NAME", help=", ".join(faults.FAULTS))
    healing = commands.add_parser("heal", help="undo every fault")
    status = commands.add_parser("status", help="what runs, what is broken, what fires")
    status.add_argument("--json", action="store_true", help="for programs")
    for command in (start, breaking, healing, status):
        command.add_argument("--dir", type=Path, required=True, help="the lab's folder")
    return parser


def _print_status(lab: faults.Lab, *, as_json: bool) -> None:
    status = lab.status()
    if as_json:
        print(json.dumps(status, indent=2))
        return
    broken = [name for name, on in status["faults"].items() if on]
    print(f"Broken: {', '.join(broken) or 'nothing'}.  Monitor: {status['monitor']}.")
    for name, figures in status["services"].items():
        heap, limit = figures["heap"] or 0, figures["heap_limit"] or 0
        print(
            f"{name:10} {status['processes'].get(name, '?').lower():9} "
            f"{(figures['requests'] or 0):5.1f} requests/s  {(figures['error_rate'] or 0) * 100:5.1f} % errors  "
            f"heap {heap / 1e6:4.0f} of {limit / 1e6:.0f} MB"
        )
    for alert in status["alerts"]:
        print(f"{alert['state']}: {alert['alertname']} {alert['service']}")


if __name__ == "__main__":
    sys.exit(main())
