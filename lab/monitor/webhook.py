"""Alertmanager's webhook, version 4: groups by alert name and service, sent when a group changes, until accepted.

Source: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

import asyncio
from collections.abc import Callable

import httpx

from lab import clock
from lab.monitor.alerting import Alert, fingerprint
from lab.monitor.rules import RECEIVER
from lab.services.journal import Field, Journal

_NEVER = "0001-01-01T00:00:00Z"
_GROUP_WAIT_S = 1.0
_GROUP_INTERVAL_S = 1.0
_REPEAT_S = 3600.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.25, 5.0
_TIMEOUT_S = 10.0


def body(alert: Alert, external_url: str) -> dict[str, object]:
    """The message about one group. With these group labels, a group is one alert."""
    labels, annotations = alert.labels, alert.annotations
    group = {name: labels[name] for name in ("alertname", "service")}
    return {
        "receiver": RECEIVER,
        "status": alert.state,
        "alerts": [
            {
                "status": alert.state,
                "labels": labels,
                "annotations": annotations,
                "startsAt": clock.rfc3339(alert.fired_at or alert.active_at),
                "endsAt": _NEVER if alert.resolved_at is None else clock.rfc3339(alert.resolved_at),
                "generatorURL": f"{external_url}/api/v1/query?query={alert.rule.series}",
                "fingerprint": fingerprint(labels),
            }
        ],
        "groupLabels": group,
        "commonLabels": labels,
        "commonAnnotations": annotations,
        "externalURL": external_url,
        "version": "4",
        "groupKey": "{}:{" + ", ".join(f'{name}="{value}"' for name, value in group.items()) + "}",
        "truncatedAlerts": 0,
    }


class Notifier:
    """One task per group, which sends the group's latest state whenever it differs from what was last accepted."""

    def __init__(self, url: str, external_url: str, journal: Journal) -> None:
        self._url = url
        self._external_url = external_url
        self._journal = journal
        self._latest: dict[str, Alert] = {}
        self._bells: dict[str, asyncio.Event] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._http = httpx.AsyncClient(timeout=_TIMEOUT_S, headers={"User-Agent": "Alertmanager/lab"}, trust_env=False)

    def announce(self, alert: Alert) -> None:
        """Take note of an alert that began or ceased to fire."""
        key = fingerprint(alert.labels)
        self._latest[key] = alert
        if key not in self._bells:
            self._bells[key] = asyncio.Event()
            task = asyncio.create_task(self._tend(key, self._bells[key]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._bells[key].set()

    async def _tend(self, key: str, bell: asyncio.Event) -> None:
        told = ""
        while True:
            rung = await _ring_or_timeout(bell, _REPEAT_S if told == "firing" else None)
            bell.clear()
            await asyncio.sleep(_GROUP_INTERVAL_S if told else _GROUP_WAIT_S)
            if rung and (told or "resolved") == self._latest[key].state:
                continue  # it came and went, or went and came, before anybody was told
            told = await self._send(lambda: self._latest[key])

    async def _send(self, latest: Callable[[], Alert]) -> str:
        """Post until somebody accepts or refuses; each attempt carries the state of its moment."""
        pause = _FIRST_PAUSE_S
        while True:
            alert = latest()
            if await self._post(alert):
                return alert.state
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_S)

    async def _post(self, alert: Alert) -> bool:
        try:
            answer = await self._http.post(self._url, json=body(alert, self._external_url))
        except httpx.HTTPError as error:
            self._journal.warning(f"the webhook could not be delivered: {str(error) or type(error).__name__}")
            return False
        facts: dict[str, Field] = {
            "status": answer.status_code,
            "alert": alert.rule.name,
            "target": alert.service,
            "state": alert.state,
        }
        if answer.status_code >= 500:
            self._journal.warning("the webhook was not accepted, trying again", **facts)
            return False
        if answer.status_code >= 300:
            self._journal.error("the webhook was refused", **facts)
        else:
            self._journal.info("webhook delivered", **facts)
        return True


async def _ring_or_timeout(bell: asyncio.Event, seconds: float | None) -> bool:
    """True when the bell rang, False when the time was up."""
    try:
        async with asyncio.timeout(seconds):
            return await bell.wait()
    except TimeoutError:
        return False
