"""`make bench`: what the product can take, beside a baseline measured in the same run; ratios travel, figures do not.

Bounded in count and time, loopback only. Prints a Markdown table for benchmarks/README.md.
"""

import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import ledger, quorum, verify
from tests.scenarios.installations import PYTHON, Embedded

REQUESTS = 1_000
AT_ONCE = 8


def body(number: int) -> bytes:
    """An Alertmanager notification with one alert, one of 50 fingerprints."""
    key = number % 50
    alert = {
        "status": "firing",
        "labels": {"alertname": "Bench", "service": f"bench-{key}", "severity": "info"},
        "annotations": {"summary": f"bench {key} is measured"},
        "startsAt": datetime.now(UTC).isoformat(),
        "fingerprint": f"{key:016x}",
    }
    return json.dumps({"version": "4", "status": "firing", "alerts": [alert]}).encode()


async def load(url: str, *, method: str) -> tuple[float, float, float]:
    """Closed loop of AT_ONCE connections: requests a second, p50 and p99 in milliseconds."""
    took: list[float] = []
    numbers = iter(range(REQUESTS))

    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=AT_ONCE), timeout=30) as client:

        async def sender() -> None:
            for number in numbers:
                began = time.perf_counter()
                if method == "POST":
                    answer = await client.post(url, content=body(number), headers={"Content-Type": "application/json"})
                else:
                    answer = await client.get(url)
                answer.raise_for_status()
                took.append((time.perf_counter() - began) * 1000)

        began = time.perf_counter()
        await asyncio.gather(*(sender() for _ in range(AT_ONCE)))
        wall = time.perf_counter() - began
    cuts = statistics.quantiles(took, n=100)
    return len(took) / wall, cuts[49], cuts[98]


def drained(console: Embedded, limit_s: float = 120) -> float:
    """Seconds until no delivery waits."""
    began = time.perf_counter()
    while time.perf_counter() - began < limit_s:
        metrics = console.client.get("/metrics").text
        waiting = [line for line in metrics.splitlines() if 'deliveries{state="WAITING"}' in line]
        if not waiting or float(waiting[0].split()[-1]) == 0:
            return time.perf_counter() - began
        time.sleep(0.2)
    return float("inf")


def main() -> None:
    """Measure the embedded console: a page that does nothing, intake, the drain, ledger verification."""
    with tempfile.TemporaryDirectory() as folder:
        console = Embedded(Path(folder))
        try:
            console.start()
            told = json.loads(console.manage("source", "add", "alertmanager", "--name", "Bench", "--json"))
            hook = told["url"].replace("localhost", "127.0.0.1")
            base = f"http://127.0.0.1:{console.port}"
            idle = asyncio.run(load(f"{base}/healthz", method="GET"))
            intake = asyncio.run(load(hook, method="POST"))
            drain_s = drained(console)
            began = time.perf_counter()
            console.manage("audit", "fsck")
            fsck_s = time.perf_counter() - began
            bundle = Path(folder) / "b.tar"
            console.manage("audit", "export", "--out", str(bundle))
            began = time.perf_counter()
            subprocess.run([PYTHON, "-m", "proof", str(bundle)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
            proof_s = time.perf_counter() - began
        finally:
            console.stop()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{machine}, {datetime.now(UTC):%Y-%m-%d}")
    print("\n| what | requests/s | p50 ms | p99 ms | against the baseline |\n|---|---|---|---|---|")
    print(f"| baseline: `/healthz`, {AT_ONCE} at once | {idle[0]:.0f} | {idle[1]:.1f} | {idle[2]:.1f} | 1.00 |")
    ratio = intake[0] / idle[0]
    print(f"| intake: durable 202 | {intake[0]:.0f} | {intake[1]:.1f} | {intake[2]:.1f} | {ratio:.2f} |")
    print(f"\n{REQUESTS} deliveries were folded {drain_s:.1f} s after the last 202; ", end="")
    print(f"`audit fsck` {fsck_s:.1f} s, `python -m proof` {proof_s:.1f} s, start of the process included.", flush=True)


if __name__ == "__main__":
    main()
    ledger.main()
    quorum.main()
    verify.main()
