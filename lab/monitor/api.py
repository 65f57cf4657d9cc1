"""Prometheus' HTTP API, as far as the console reads it: query, query_range, alerts, rules.

Source: https://prometheus.io/docs/prometheus/latest/querying/api/
"""

import json
import math
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from lab import clock
from lab.monitor import selectors
from lab.monitor.alerting import Alert, Evaluator
from lab.monitor.rules import ALERT_RULES, RECORDED, AlertRule
from lab.monitor.samples import Series, Store

JsonMap = dict[str, Any]  # Any: JSON on its way out
_MOST_POINTS = 11_000
_TOO_FINE = (
    "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)"
)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


class BadDataError(ValueError):
    """The question is not well formed."""


class Api:
    """An ASGI application over the store."""

    def __init__(self, store: Store, evaluator: Evaluator, instance: str) -> None:
        self._store = store
        self._evaluator = evaluator
        self._instance = instance
        self._routes: dict[str, Callable[[Mapping[str, str]], object]] = {
            "/api/v1/query": self._query,
            "/api/v1/query_range": self._query_range,
            "/api/v1/alerts": lambda _: {"alerts": [_alert(alert) for alert in self._evaluator.current()]},
            "/api/v1/rules": lambda _: {"groups": [self._rules()]},
        }

    async def __call__(
        self, scope: JsonMap, receive: Callable[[], Awaitable[JsonMap]], send: Callable[[JsonMap], Awaitable[None]]
    ) -> None:
        """ASGI."""
        if scope["type"] != "http":
            return
        body = b""
        if scope["method"] == "POST":
            more = True
            while more:
                message = await receive()
                body += message.get("body", b"")
                more = message.get("more_body", False)
        text = "&".join(part for part in (scope["query_string"].decode("latin-1"), body.decode("latin-1")) if part)
        status, content = self.answer(scope["path"], {name: values[0] for name, values in parse_qs(text).items()})
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    def answer(self, path: str, parameters: Mapping[str, str]) -> tuple[int, bytes]:
        """Status and body for one question."""
        if path in {"/healthz", "/-/healthy", "/-/ready"}:
            return 200, json.dumps({"status": "ok", "instance": self._instance}).encode()
        route = self._routes.get(path)
        if route is None:
            return 404, json.dumps({"status": "error", "errorType": "not_found", "error": f"no {path} here"}).encode()
        try:
            data = route(parameters)
        except BadDataError as error:
            return 400, json.dumps({"status": "error", "errorType": "bad_data", "error": str(error)}).encode()
        return 200, json.dumps({"status": "success", "data": data}).encode()

    def _query(self, parameters: Mapping[str, str]) -> object:
        moment = _time(parameters, "time", clock.timestamp())
        found = (
            (labels, name, series.at(moment)) for labels, name, series in self._select(parameters.get("query", ""))
        )
        result: list[JsonMap] = [
            {"metric": {"__name__": name, **labels}, "value": [moment, _number(value)]}
            for labels, name, value in found
            if value is not None
        ]
        return {"resultType": "vector", "result": result}

    def _query_range(self, parameters: Mapping[str, str]) -> object:
        start, end, step = _time(parameters, "start"), _time(parameters, "end"), _duration(parameters, "step")
        if end < start:
            message = 'invalid parameter "end": end timestamp must not be before start time'
            raise BadDataError(message)
        if (end - start) / step > _MOST_POINTS:
            raise BadDataError(_TOO_FINE)
        moments = [start + index * step for index in range(int((end - start) / step + 1e-9) + 1)]
        result: list[JsonMap] = []
        for labels, name, series in self._select(parameters.get("query", "")):
            points = [(moment, series.at(moment)) for moment in moments]
            values = [[moment, _number(value)] for moment, value in points if value is not None]
            if values:
                result.append({"metric": {"__name__": name, **labels}, "values": values})
        return {"resultType": "matrix", "result": result}

    def _select(self, query: str) -> list[tuple[dict[str, str], str, Series]]:
        try:
            selector = selectors.parse(query)
        except selectors.SelectorError as error:
            message = f'invalid parameter "query": {error}'
            raise BadDataError(message) from error
        family = self._store.family(selector.name)
        return [(labels, selector.name, series) for labels, series in family if selector.selects(labels)]

    def _rules(self) -> JsonMap:
        recording: list[JsonMap] = [
            {"type": "recording", "name": name, "query": query, "health": "ok"} for name, query in RECORDED.items()
        ]
        alerting = [self._rule(rule) for rule in ALERT_RULES]
        return {"name": "shop", "file": "built-in", "interval": 1, "rules": recording + alerting}

    def _rule(self, rule: AlertRule) -> JsonMap:
        alerts = [alert for alert in self._evaluator.current() if alert.rule.name == rule.name]
        firing = any(alert.state == "firing" for alert in alerts)
        return {
            "type": "alerting",
            "name": rule.name,
            "query": rule.expression,
            "duration": rule.for_s,
            "keepFiringFor": rule.keep_s,
            "state": "firing" if firing else "pending" if alerts else "inactive",
            "alerts": [_alert(alert) for alert in alerts],
            "health": "ok",
        }


def _alert(alert: Alert) -> JsonMap:
    return {
        "labels": alert.labels,
        "annotations": alert.annotations,
        "state": alert.state,
        "activeAt": clock.rfc3339(alert.active_at),
        "value": _number(alert.value),
    }


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


def _time(parameters: Mapping[str, str], name: str, default: float | None = None) -> float:
    text = parameters.get(name, "")
    if not text and default is not None:
        return default
    for read in (float, clock.from_rfc3339):
        try:
            moment = read(text)
        except ValueError:
            continue
        if math.isfinite(moment):
            return moment
    message = f'invalid parameter "{name}": cannot parse "{text}" to a valid timestamp'
    raise BadDataError(message)


def _duration(parameters: Mapping[str, str], name: str) -> float:
    text = parameters.get(name, "")
    unit = next((unit for unit in _UNITS if text.endswith(unit)), "")
    try:
        seconds = float(text.removesuffix(unit)) * _UNITS.get(unit, 1.0)
    except ValueError:
        message = f'invalid parameter "{name}": cannot parse "{text}" to a valid duration'
        raise BadDataError(message) from None
    if not 0 < seconds < float("inf"):
        message = f'invalid parameter "{name}": zero or negative query resolution step widths are not accepted'
        raise BadDataError(message)
    return seconds
