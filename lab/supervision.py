"""The lab's supervisord: its configuration, the process itself on a leash, and the way to talk to it."""

import getpass
import http.client
import os
import shlex
import subprocess
import sys
import xmlrpc.client
from pathlib import Path

from lab import layout, leash
from lab.layout import SERVICES, Instance, Layout
from lab.monitor import prometheus

USER = "lab"
_CALL_TIMEOUT_S = 10.0


def command_lines(place: Layout, instance: Instance) -> dict[str, list[str]]:
    """What the supervisor runs, by process name."""
    python = [sys.executable, "-m"]
    lines = {service: [*python, f"lab.services.{service}"] for service in SERVICES}
    lines["reconciler"] = [*python, "lab.reconciler"]
    lines["traffic"] = [*python, "lab.traffic"]
    if instance.monitor == "builtin":
        lines["monitor"] = [*python, "lab.monitor.builtin"]
    else:
        programs = prometheus.commands(place, instance)
        lines |= {name: [*python, "lab.leash", *line] for name, line in programs.items()}
    return lines


def write_configuration(place: Layout, instance: Instance) -> Path:
    """Write supervisord's configuration file."""
    sections = [
        "[supervisord]",
        "nodaemon=true",
        "silent=true",
        "minfds=256",
        "minprocs=32",
        f"user={getpass.getuser()}" if os.getuid() == 0 else "",
        f"logfile={_escaped(place.logs / 'supervisord.log')}",
        "logfile_maxbytes=1MB",
        "logfile_backups=1",
        f"pidfile={_escaped(place.run / 'supervisord.pid')}",
        f"childlogdir={_escaped(place.logs)}",
        "[inet_http_server]",
        f"port=127.0.0.1:{instance.ports['supervisor']}",
        f"username={USER}",
        f"password={instance.password}",
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
        "[rpcinterface:marks]",
        "supervisor.rpcinterface_factory=lab.supervisor_marks:make_marks",
        f"journal={_escaped(place.marks)}",
    ]
    for name, line in command_lines(place, instance).items():
        sections += _program(name, line, place)
    path = place.run / "supervisord.conf"
    layout.write_atomically(path, "\n".join(section for section in sections if section) + "\n")
    return path


def _program(name: str, line: list[str], place: Layout) -> list[str]:
    return [
        f"[program:{name}]",
        f"command={_escaped(shlex.join(line))}",
        "autorestart=true",
        "startsecs=1",
        "startretries=20",
        "stopwaitsecs=6",
        f"stdout_logfile={_escaped(place.logs / f'{name}.log')}",
        "stdout_logfile_maxbytes=4MB",
        "stdout_logfile_backups=1",
        f"stderr_logfile={_escaped(place.logs / f'{name}.err.log')}",
        "stderr_logfile_maxbytes=1MB",
        "stderr_logfile_backups=1",
    ]


def start(place: Layout, configuration: Path) -> subprocess.Popen[bytes]:
    """Start supervisord as a child of this process, in a session of its own: Ctrl-C reaches us alone."""
    source = str(Path(__file__).resolve().parent.parent)
    environment = {
        **os.environ,
        layout.DIRECTORY_VARIABLE: str(place.root),
        leash.PARENT_VARIABLE: str(os.getpid()),
        "PYTHONPATH": source,
        "PYTHONUNBUFFERED": "1",
        "GOMAXPROCS": "1",
        # The heap is the lab's instrument: memory that is released must leave the process.
        "MALLOC_ARENA_MAX": "1",
        "MALLOC_MMAP_THRESHOLD_": "131072",
        "MALLOC_TRIM_THRESHOLD_": "131072",
    }
    with (place.logs / "supervisord.err.log").open("ab") as errors:
        return subprocess.Popen(
            [sys.executable, "-m", "lab.supervision", str(configuration)],
            env=environment,
            cwd=place.root,
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            start_new_session=True,
        )


def connect(url: str, user: str, password: str) -> xmlrpc.client.ServerProxy:
    """The supervisor's XML-RPC interface."""
    address = url.replace("://", f"://{user}:{password}@", 1)
    return xmlrpc.client.ServerProxy(address, transport=_Transport(), allow_none=True)


class _Transport(xmlrpc.client.Transport):
    """The standard transport, but never waiting forever."""

    def make_connection(self, host: tuple[str, dict[str, str]] | str) -> http.client.HTTPConnection:
        connection = super().make_connection(host)
        connection.timeout = _CALL_TIMEOUT_S
        return connection


def _escaped(value: object) -> str:
    return str(value).replace("%", "%%")


def main(configuration: str) -> None:
    """Become supervisord on a leash, and put what it starts on a leash to it."""
    leash.die_with_parent()
    os.environ[leash.PARENT_VARIABLE] = str(os.getpid())
    from supervisor import supervisord  # noqa: PLC0415 -- whoever only wants `connect` need not load it

    supervisord.main(["-c", configuration])


if __name__ == "__main__":
    main(sys.argv[1])
