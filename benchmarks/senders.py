"""Senders of alerts in a closed loop, which cost little beside what they measure."""

import asyncio
import hashlib
import json
import time
from datetime import UTC, datetime
from urllib.parse import urlsplit

SERVICES = 50
BUSY, ACCEPTED = 503, range(200, 300)


def group(first: int, count: int, services: int = SERVICES) -> bytes:
    """An Alertmanager notification of alerts that are numbered from `first` on, of so many services."""
    now = datetime.now(UTC).isoformat()
    alerts = [
        {
            "status": "firing",
            "labels": {
                "alertname": "Bench",
                "instance": f"host-{key}.example:9100",
                "environment": "Production",
                "service": f"bench-{key % services}",
                "severity": "warning",
                "pod": f"pod-{key}",
            },
            "annotations": {"summary": f"bench {key} is measured"},
            "startsAt": now,
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus.example:9090/graph",
            "fingerprint": f"{key:016x}",
        }
        for key in range(first, first + count)
    ]
    return json.dumps(
        {"version": "4", "status": "firing", "externalURL": "http://alertmanager.example:9093", "alerts": alerts}
    ).encode()


def fingerprint(source: str, key: int) -> str:
    """By which the alert of a number is asked for."""
    told = json.dumps([source, "fingerprint", f"{key:016x}"], separators=(",", ":"))
    return f"v1:{hashlib.sha256(told.encode()).hexdigest()}"


def post_all(url: str, alerts: int, per_post: int, first: int, at_once: int, services: int = SERVICES) -> float:
    """Post so many alerts; accepted posts a second. A post that is refused for overload is sent again."""
    return asyncio.run(_post_all(url, alerts, per_post, first, at_once, services))


async def _post_all(url: str, alerts: int, per_post: int, first: int, at_once: int, services: int) -> float:
    starts = iter(range(first, first + alerts, per_post))
    told = urlsplit(url)
    head = f"POST {told.path} HTTP/1.1\r\nHost: {told.netloc}\r\nContent-Type: application/json\r\n"

    async def sender() -> None:
        reader, writer = await asyncio.open_connection(told.hostname, told.port)
        for start in starts:
            body = group(start, per_post, services)
            while True:
                writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
                status = await _status(reader)
                if status != BUSY:
                    break
                await asyncio.sleep(0.2)
            if status not in ACCEPTED:
                message = f"refused with {status}"
                raise RuntimeError(message)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(sender() for _ in range(at_once)))
    return alerts / per_post / (time.perf_counter() - began)


async def _status(reader: asyncio.StreamReader) -> int:
    """The status of one answer, read to its end."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = next((int(line.partition(":")[2]) for line in head.split("\r\n") if line.startswith("content-length:")), 0)
    await reader.readexactly(length)
    return int(head.split(" ", 2)[1])
