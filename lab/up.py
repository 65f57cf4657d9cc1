"""Run the lab in the foreground until Ctrl-C, SIGTERM, or the end of whoever started it."""

import contextlib
import fcntl
import http.client
import json
import os
import secrets
import shutil
import signal
import subprocess
import threading
import urllib.request
import xmlrpc.client
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from lab import clock, layout, leash, manifest, ports, reconciler, repository, supervision
from lab.layout import SERVICES, Instance, Layout
from lab.monitor import prometheus

MONITORS = ("auto", "builtin", "prometheus")
_PORT_NAMES = ("supervisor", *SERVICES, "monitor", "alertmanager")
_READY_WITHIN_S = 60.0
_LOOK_EVERY_S = 0.1
_PROBE_TIMEOUT_S = 2.0
_STOP_WITHIN_S = 8.0
_LOCK_WITHIN_S = 3.0


class LabError(Exception):
    """The lab cannot run; the text says why and what to do."""


def up(root: Path, webhook: str, monitor: str, base_port: int | None) -> None:
    """Start everything, say so, wait, stop everything.

    Raises:
        LabError: It could not be started.
    """
    place = Layout(root.resolve())
    place.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    stopping = threading.Event()
    _heed_signals(stopping)
    leash.watch(os.getppid(), stopping.set)
    with _locked(place):
        place.manifest.unlink(missing_ok=True)
        began = clock.monotonic()
        instance = _prepare(place, webhook, monitor, base_port)
        child = supervision.start(place, supervision.write_configuration(place, instance))
        try:
            _wait_until_ready(place, instance, child, stopping)
            if not stopping.is_set():
                manifest.write(place, manifest.describe(place, instance, os.getpid()))
                _say_ready(place, instance, clock.monotonic() - began)
            _wait(child, stopping)
        finally:
            place.manifest.unlink(missing_ok=True)
            _stop(child, instance)
    print("The lab is down.", flush=True)


def _heed_signals(stopping: threading.Event) -> None:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


@contextlib.contextmanager
def _locked(place: Layout) -> Iterator[None]:
    """One lab per folder; a lab that is just ending is waited for."""
    with (place.root / "lock").open("w") as file:
        deadline = clock.monotonic() + _LOCK_WITHIN_S
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if clock.monotonic() > deadline:
                    message = f"A lab already runs in {place.root}. Stop it first, or choose another --dir."
                    raise LabError(message) from None
                threading.Event().wait(_LOOK_EVERY_S)
        yield


def _prepare(place: Layout, webhook: str, monitor: str, base_port: int | None) -> Instance:
    chosen = _chosen_monitor(monitor)
    if shutil.which("git") is None:
        message = "The lab needs git; install it (Debian: apt install git)."
        raise LabError(message)
    for folder in (place.run, place.logs):
        folder.mkdir(exist_ok=True)
    try:
        chosen_ports = ports.choose(_PORT_NAMES, place.root / "ports.json", base_port)
    except ports.NoPortsError as error:
        raise LabError(str(error)) from error
    instance = Instance(
        id=secrets.token_hex(8),
        ports=chosen_ports,
        webhook=webhook,
        password=secrets.token_hex(16),
        monitor=chosen,
    )
    layout.write_instance(place, instance)
    repository.ensure(place.repository)
    reconciler.prepare(place)
    if chosen == "prometheus":
        prometheus.write(place, instance)
    return instance


def _chosen_monitor(wanted: str) -> str:
    installed = prometheus.is_installed()
    if wanted == "auto":
        return "prometheus" if installed else "builtin"
    if wanted == "prometheus" and not installed:
        message = (
            "prometheus and prometheus-alertmanager are not both installed "
            "(Debian: apt install prometheus prometheus-alertmanager). Use --monitor builtin."
        )
        raise LabError(message)
    return wanted


def _wait_until_ready(
    place: Layout, instance: Instance, child: subprocess.Popen[bytes], stopping: threading.Event
) -> None:
    waiting = [*SERVICES, "monitor", *(["alertmanager"] if instance.monitor == "prometheus" else [])]
    deadline = clock.monotonic() + _READY_WITHIN_S
    while not stopping.wait(_LOOK_EVERY_S):
        waiting = [name for name in waiting if not _is_ours(place, instance, name)]
        if not waiting:
            return
        if child.poll() is not None:
            message = f"The supervisor ended with status {child.returncode}; see {place.logs}/supervisord.log."
            raise LabError(message)
        if clock.monotonic() > deadline:
            message = f"{', '.join(waiting)} did not come up within {_READY_WITHIN_S:.0f} s; see {place.logs}."
            raise LabError(message)


def _is_ours(place: Layout, instance: Instance, name: str) -> bool:
    """Whether the process of this start answers on its port, and not somebody else."""
    by_prometheus = instance.monitor == "prometheus"
    if name == "monitor" and by_prometheus:
        ready = _get(f"{instance.url(name)}/-/ready") is not None
        flags = _get(f"{instance.url(name)}/api/v1/status/flags") or {}
        return ready and flags.get("data", {}).get("storage.tsdb.path") == str(prometheus.storage(place))
    if name == "alertmanager":
        status = _get(f"{instance.url(name)}/api/v2/status") or {}
        return prometheus.identity(instance) in status.get("config", {}).get("original", "")
    return (_get(f"{instance.url(name)}/healthz") or {}).get("instance") == instance.id


def _get(url: str) -> manifest.Manifest | None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=_PROBE_TIMEOUT_S) as answer:
            text = answer.read()
    except (OSError, http.client.HTTPException):
        return None
    try:
        content = json.loads(text)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _say_ready(place: Layout, instance: Instance, seconds: float) -> None:
    print(
        f"The lab is up after {seconds:.1f} s ({instance.monitor} monitor): shop at {instance.url('gateway')}, "
        f"monitor at {instance.url('monitor')}, logs in {place.logs}.\n"
        f"Break it: python -m lab break bad-config --dir {place.root}",
        flush=True,
    )


def _wait(child: subprocess.Popen[bytes], stopping: threading.Event) -> None:
    while not stopping.wait(0.5):
        if child.poll() is not None:
            message = f"The supervisor ended by itself with status {child.returncode}; the lab ends too."
            raise LabError(message)


def _stop(child: subprocess.Popen[bytes], instance: Instance) -> None:
    """Let all processes drain at once, then end the supervisor; the leash takes whoever is left."""
    if child.poll() is None:
        server = supervision.connect(instance.url("supervisor"), supervision.USER, instance.password)
        with contextlib.suppress(OSError, xmlrpc.client.Error, http.client.HTTPException):
            server.supervisor.stopAllProcesses(False)  # noqa: FBT003 -- XML-RPC knows no keywords
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(_STOP_WITHIN_S)
    if child.poll() is None:
        child.kill()
    child.wait()
