"""`python -m audit.witness`: see that a log only grows, and sign its heads (https://c2sp.org/tlog-witness)."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from audit.witness.judge import Judge
from audit.witness.keys import identity
from audit.witness.server import Server
from audit.witness.state import State
from proof.note import NoteError, parse_verifier_key


def main(arguments: list[str] | None = None) -> int:
    """Serve until a signal comes; 0 at the end, 2 if it cannot start."""
    parser = argparse.ArgumentParser(
        prog="python -m audit.witness",
        description="Sign the heads of logs that only grow. Run it on a machine that the log's owner does not control.",
    )
    parser.add_argument("--dir", type=Path, required=True, help="where keys and memory lie; made on the first start")
    parser.add_argument("--port", type=int, required=True, help="where to listen; 0 for any")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at (default: this machine only)")
    parser.add_argument("--name", default="", help="needed on the first start, such as witness.example.org/w1")
    parser.add_argument("--log", action="append", default=[], metavar="VKEY", help="a key of a log to watch; repeat it")
    options = parser.parse_args(arguments)
    try:
        if not options.name and not (options.dir / "name").exists():
            parser.error("Give the witness a --name on its first start.")
        own = identity(options.dir, options.name)
        logs = [parse_verifier_key(text) for text in options.log]
        verifiers = own.verifiers()
        judge = Judge(own, State(options.dir / "witness.sqlite3"), logs)
        server = Server((options.host, options.port), judge)
    except (OSError, ValueError, NoteError) as error:
        print(f"The witness cannot start: {error}", file=sys.stderr)
        return 2
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: threading.Thread(target=server.shutdown).start())
    for origin in judge.logs:
        print(f"watching {origin}")
    for key in verifiers:
        print(f"vkey {key}")
    print(f"listening on http://{options.host}:{server.server_port}", flush=True)
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
