"""The lab beside the console: start it, connect to it, break and heal it. A program of its own, never imported."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings

from approvals.services.activate_policy import activate_policy
from connectors.services.connect import connect
from core.actors import SYSTEM
from core.errors import RefusedError, WrongStateError
from incidents.services.register_service import ServiceEntry, register_service

LAB_POLICY = "lab"
LONGEST_S = 60
DESCRIBED = ("slug", "name", "criticality", "stateless", "factors", "targets", "signals", "depends_on")


def start(webhook_url: str) -> "subprocess.Popen[bytes]":
    """Start the lab as a child; it dies with the thread that calls this, so call it from the main one."""
    settings.LAB_DIR.mkdir(parents=True, exist_ok=True)
    log = (settings.LAB_DIR / "lab.log").open("ab")
    with log:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "lab", "up", "--dir", str(settings.LAB_DIR)),
                *("--webhook", webhook_url, "--monitor", settings.LAB_MONITOR),
            ],
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=_environment(),
        )


def description() -> dict[str, Any] | None:
    """What the running lab says about itself (lab.json), or None while there is none."""
    path: Path = settings.LAB_DIR / "lab.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return found


def described() -> dict[str, Any]:
    """The same, where there must be one.

    Raises:
        WrongStateError: No lab is running on this data folder.
    """
    found = description()
    if found is None:
        detail = f"No lab is running in {settings.LAB_DIR}. Start one with `make run`."
        raise WrongStateError(detail)
    return found


def connect_lab(lab: dict[str, Any]) -> None:
    """Enter the lab's services, its metrics, supervisor and repository, and its policy; again is harmless."""
    environment = lab["environment"]
    supervisor = lab["supervisor"]
    metrics = {"url": lab["prometheus_url"], "parameters": lab["parameters"]}
    connect("prometheus", "lab-metrics", environment, metrics, actor=SYSTEM)
    connect("git", "lab-config", environment, lab["git"], actor=SYSTEM)
    login = {"user": supervisor["user"], "password": supervisor["password"]}
    connect("supervisor", "lab-supervisor", environment, {"url": supervisor["url"]}, login, actor=SYSTEM)
    for service in lab["services"]:
        entry = ServiceEntry(environment=environment, autonomy="act", **{name: service[name] for name in DESCRIBED})
        register_service(entry, actor=SYSTEM)
    activate_policy(LAB_POLICY, actor=SYSTEM)


def run(verb: str, *arguments: str) -> str:
    """Have the lab do something (`break NAME`, `heal`, `status`); returns what it said.

    Raises:
        WrongStateError: No lab is running on this data folder.
        RefusedError: The lab said no; the detail is its own sentence.
    """
    described()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "lab", verb, *arguments, "--dir", str(settings.LAB_DIR)],
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
            check=False,
            env=_environment(),
        )
    except subprocess.TimeoutExpired as error:
        detail = f"The lab did not answer within {LONGEST_S} s. Its log is {settings.LAB_DIR / 'lab.log'}."
        raise RefusedError(detail) from error
    if done.returncode != 0:
        raise RefusedError(_sentence((done.stderr or done.stdout).strip()))
    return done.stdout.strip()


def _sentence(said: str) -> str:
    """What the lab said; of a crash its last line alone, the rest is for whoever runs it in a terminal."""
    return f"The lab broke down: {said.splitlines()[-1]}" if said.startswith("Traceback") else said


def _environment() -> dict[str, str]:
    """The lab knows nothing of our secrets."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")
    return {name: os.environ[name] for name in kept if name in os.environ}
