"""`python -m lab.jira [--port N]`: one fake site until its parent ends or Ctrl-C; prints its address."""

import argparse

from lab.fakes import serve_until_ended
from lab.jira.server import Server
from lab.jira.site import EMAIL, PAT, TOKEN


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(prog="python -m lab.jira", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 for any that is free")
    parser.add_argument("--deployment", choices=("cloud", "datacenter"), default="cloud")
    options = parser.parse_args()
    server = Server(options.port)
    server.site.habits.deployment = options.deployment
    serve_until_ended(server, {"user": EMAIL, "token": TOKEN, "pat": PAT})


if __name__ == "__main__":
    main()
