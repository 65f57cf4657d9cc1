"""`python -m lab.servicenow [--port N]`: one fake instance until its parent ends or Ctrl-C; prints its address."""

import argparse
from pathlib import Path

from lab.fakes import serve_until_ended
from lab.servicenow.instance import CLIENT, INTEGRATION, PASSWORD
from lab.servicenow.server import Server


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(prog="python -m lab.servicenow", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 for any that is free")
    parser.add_argument("--webhook", default="", help="where its business rules post to")
    parser.add_argument("--keep", type=Path, help="a file for its rows, to go on where it ended")
    options = parser.parse_args()
    server = Server(options.port, options.keep)
    server.instance.habits.webhook = options.webhook
    account = {"user": INTEGRATION, "password": PASSWORD, "client_id": CLIENT[0], "client_secret": CLIENT[1]}
    serve_until_ended(server, account)


if __name__ == "__main__":
    main()
