"""The built-in monitor: scrapes every second, records, evaluates the rules, calls the webhook, answers queries."""

import asyncio

import uvicorn
import uvloop
from prometheus_client.parser import text_string_to_metric_families

from lab import clock, layout, leash
from lab.layout import Instance
from lab.monitor.alerting import Evaluator
from lab.monitor.api import Api
from lab.monitor.recording import record
from lab.monitor.rules import ALERT_RULES
from lab.monitor.samples import Store
from lab.monitor.webhook import Notifier
from lab.services.journal import Journal
from lab.wire import Client, UpstreamError

_EVERY_S = 1.0
_SCRAPE_TIMEOUT_S = 0.9


class Monitor:
    """One round a second."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._journal = Journal("monitor")
        self._store = Store()
        self._evaluator = Evaluator(ALERT_RULES)
        self._targets = {name: Client(instance.ports[name]) for name in layout.SERVICES}

    async def watch(self) -> None:
        """Serve the API, and go round."""
        url = self._instance.url("monitor")
        notifier = Notifier(self._instance.webhook, url, self._journal)
        rounds = asyncio.create_task(self._rounds(notifier))
        config = uvicorn.Config(
            Api(self._store, self._evaluator, self._instance.id),
            port=self._instance.ports["monitor"],
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=2,
        )
        serving = asyncio.create_task(uvicorn.Server(config).serve())
        done, _ = await asyncio.wait({rounds, serving}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()

    async def _rounds(self, notifier: Notifier) -> None:
        due = clock.monotonic()
        while True:
            now = clock.timestamp()
            await asyncio.gather(*(self._scrape(name, client, now) for name, client in self._targets.items()))
            values = record(self._store, now)
            for name, by_service in values.items():
                for service, value in by_service.items():
                    self._store.write(name, {"service": service}, now, value)
            for alert in self._evaluator.step(values, now):
                self._journal.info(f"{alert.rule.name} is {alert.state}", target=alert.service, value=alert.value)
                notifier.announce(alert)
            due = max(due + _EVERY_S, clock.monotonic())
            await asyncio.sleep(due - clock.monotonic())

    async def _scrape(self, service: str, client: Client, now: float) -> None:
        try:
            answer = await client.request("GET", "/metrics", timeout_s=_SCRAPE_TIMEOUT_S)
        except UpstreamError:
            self._store.write("up", {"service": service}, now, 0.0)
            return
        self._store.write("up", {"service": service}, now, 1.0)
        for family in text_string_to_metric_families(answer.body.decode()):
            for sample in family.samples:
                self._store.write(sample.name, {**sample.labels, "service": service}, now, sample.value)


def main() -> None:
    """Watch until SIGTERM."""
    leash.die_with_parent()
    uvloop.run(Monitor(layout.read_instance(layout.here())).watch())


if __name__ == "__main__":
    main()
