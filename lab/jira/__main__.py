"""`python -m lab.jira [--port N]`: one fake site until its parent ends or Ctrl-C; prints its address."""

import argparse
import json

from lab.jira.server import Server
from lab.jira.site import EMAIL, PAT, TOKEN
from lab.leash import die_with_parent


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(prog="python -m lab.jira", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 for any that is free")
    parser.add_argument("--deployment", choices=("cloud", "datacenter"), default="cloud")
    options = parser.parse_args()
    die_with_parent()
    server = Server(options.port)
    server.site.habits.deployment = options.deployment
    print(json.dumps({"url": server.url, "user": EMAIL, "token": TOKEN, "pat": PAT}), flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
