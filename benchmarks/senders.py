"""Senders of alerts in a closed loop."""

import asyncio
import json
import time
from datetime import UTC, datetime

import httpx


def group(first: int, count: int) -> bytes:
    """An Alertmanager notification of alerts that are numbered from `first` on."""
    now = datetime.now(UTC).isoformat()
    alerts = [
        {
            "status": "firing",
            "labels": {"alertname": "Bench", "service": f"bench-{key % 50}", "severity": "info", "pod": f"pod-{key}"},
            "annotations": {"summary": f"bench {key} is measured"},
            "startsAt": now,
            "fingerprint": f"{key:016x}",
        }
        for key in range(first, first + count)
    ]
    return json.dumps({"version": "4", "status": "firing", "alerts": alerts}).encode()


def post_all(url: str, alerts: int, per_post: int, first: int, at_once: int) -> float:
    """Post so many alerts; accepted posts a second. A post that is refused for overload is sent again."""
    return asyncio.run(_post_all(url, alerts, per_post, first, at_once))


async def _post_all(url: str, alerts: int, per_post: int, first: int, at_once: int) -> float:
    starts = iter(range(first, first + alerts, per_post))
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=at_once), timeout=60) as client:

        async def sender() -> None:
            for start in starts:
                body = group(start, per_post)
                while True:
                    answer = await client.post(url, content=body, headers={"Content-Type": "application/json"})
                    if answer.status_code != 503:
                        answer.raise_for_status()
                        break
                    await asyncio.sleep(0.2)

        began = time.perf_counter()
        await asyncio.gather(*(sender() for _ in range(at_once)))
        return alerts / per_post / (time.perf_counter() - began)
