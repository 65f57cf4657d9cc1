"""`lab.json`: what the console reads to know the lab, and what `break`, `heal` and `status` read to find it."""

import json
import os
from typing import Any

from lab import layout, supervision
from lab.layout import SERVICES, Instance, Layout
from lab.monitor.rules import ENVIRONMENT
from lab.repository import BRANCH

Manifest = dict[str, Any]  # Any: JSON that the console validates for itself

# The console's runbooks look at thirty minutes by default; in the lab a minute is a long time.
PARAMETERS = {"window_s": 75, "step_s": 1, "verify_hold_s": 12, "verify_timeout_s": 45, "verify_every_s": 1}

_DEPENDS_ON = {"gateway": ["checkout"], "checkout": ["payments", "inventory"], "payments": [], "inventory": []}
_CRITICALITY = {"gateway": "important", "checkout": "important", "payments": "critical", "inventory": "normal"}
_SIGNALS = {
    "error_rate": "service:error_ratio",
    "heap": "service:heap_bytes",
    "heap_limit": "service:heap_limit_bytes",
    "oom": "service:oom_errors",
    "restarts": "service:restarts",
    "requests": "service:request_rate",
    "latency": "service:latency_p99_seconds",
}

Factor = dict[str, str]


def _factors(data: Factor, reversibility: Factor, blast: Factor, compliance: Factor) -> dict[str, Factor]:
    return {"data": data, "reversibility": reversibility, "blast": blast, "compliance": compliance}


def _factor(level: str, note: str) -> Factor:
    return {"level": level, "note": note}


_LOGGED = _factor("audit-logged", "Every change to the shop is logged; no regulation asks for more.")


def _restart_factors(service: str) -> dict[str, Factor]:
    return _factors(
        _factor("internal", "Requests in flight are finished first; no customer data is touched."),
        _factor("partial", "What the process held in memory is gone; a restart cannot be taken back."),
        _factor("team", f"The team of {service} sees a pause of about two seconds, its callers wait."),
        _LOGGED,
    )


def _rollback_factors(service: str) -> dict[str, Factor]:
    back = _factor("full", "The revert is a commit, and can itself be reverted.")
    if service == "payments":
        return _factors(
            _factor("confidential", "These settings decide how card payments are made."),
            back,
            _factor("external", "It changes how the card acquirer outside our house is called."),
            _LOGGED,
        )
    return _factors(
        _factor("internal", "These settings hold no customer data."),
        back,
        _factor("department", "The whole shop behind this service is affected."),
        _LOGGED,
    )


def describe(place: Layout, instance: Instance, pid: int) -> Manifest:
    """The manifest of a running lab."""
    addresses = {"prometheus_url": instance.url("monitor")}
    if instance.monitor == "prometheus":
        addresses["alertmanager_url"] = instance.url("alertmanager")
    return {
        "environment": ENVIRONMENT,
        "monitor": instance.monitor,
        "instance": instance.id,
        "pid": pid,
        **addresses,
        "supervisor": {
            "url": instance.url("supervisor"),
            "user": supervision.USER,
            "password": instance.password,
        },
        "git": {"path": str(place.repository), "branch": BRANCH},
        "parameters": PARAMETERS,
        "services": [_service(name, instance) for name in SERVICES],
    }


def _service(name: str, instance: Instance) -> Manifest:
    return {
        "slug": name,
        "name": name.capitalize(),
        "url": instance.url(name),
        "criticality": _CRITICALITY[name],
        "stateless": name != "payments",
        "depends_on": _DEPENDS_ON[name],
        "targets": {"supervisor": name, "config_path": f"{name}/config.json"},
        "signals": {signal: f'{series}{{service="{name}"}}' for signal, series in _SIGNALS.items()},
        "factors": {"restart-service": _restart_factors(name), "rollback-config": _rollback_factors(name)},
    }


def write(place: Layout, content: Manifest) -> None:
    """Say that the lab is ready."""
    layout.write_atomically(place.manifest, json.dumps(content, indent=2) + "\n")


def read(place: Layout) -> Manifest | None:
    """The manifest, or None when no lab is ready there; a killed lab may have left its manifest behind."""
    try:
        content: Manifest = json.loads(place.manifest.read_text())
    except FileNotFoundError:
        return None
    return content if _lives(content["pid"]) else None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
