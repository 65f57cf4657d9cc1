"""Prometheus 2 and 3, over its HTTP API: https://prometheus.io/docs/prometheus/latest/querying/api/ ."""

import json
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors import http
from connectors.base import ReaderError, Series
from core import clock

MOST_POINTS = 11_000  # the server's own limit a series
MOST_SERIES = 500


class Prometheus:
    """A `MetricReader`."""

    def __init__(self, config: Mapping[str, Any], secret: Mapping[str, str]) -> None:
        self.url = str(config.get("url", "")).rstrip("/")
        self.timeout_s = http.timeout_of(config)
        self.auth = (secret["user"], secret["password"]) if {"user", "password"} <= set(secret) else None
        self.token = secret.get("token", "")

    def range(self, query: str, *, start: datetime, end: datetime, step_s: float) -> list[Series]:
        """Every series that the query selects; points that are not finite numbers are left out.

        Raises:
            ReaderError: It did not answer, refused the query, or answered with what is no matrix.
        """
        if step_s <= 0 or end < start or (end - start).total_seconds() / step_s > MOST_POINTS:
            detail = f"A range of metrics needs start before end and at most {MOST_POINTS} steps."
            raise ReaderError(detail)
        asked = {"query": query, "start": _seconds(start), "end": _seconds(end), "step": f"{step_s:g}"}
        result = self._ask("query_range", asked, {"matrix"})
        return [_series(item.get("metric"), item.get("values")) for item in result[:MOST_SERIES]]

    def instant(self, query: str) -> float | None:
        """The value now; None where there is no sample, or none that is a finite number.

        Raises:
            ReaderError: As for `range`; or the query selects several series, so that there is no one value.
        """
        result = self._ask("query", {"query": query, "time": _seconds(clock.now())}, {"vector", "scalar"})
        if len(result) > 1:
            detail = f"The query selects {len(result)} series where one value is wanted: {query[:200]}"
            raise ReaderError(detail)
        points = _series({}, [result[0].get("value")]).points if result else ()
        return points[0][1] if points else None

    def _ask(self, endpoint: str, params: Mapping[str, str], kinds: set[str]) -> list[dict[str, Any]]:
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        try:
            reply = http.send(
                "GET",
                f"{self.url}/api/v1/{endpoint}",
                params=params,
                headers=headers,
                auth=self.auth,
                timeout_s=self.timeout_s,
            )
        except http.UnreachableError as error:
            detail = f"Prometheus: {error.detail}"
            raise ReaderError(detail) from error
        return _result(reply, kinds)


def _result(reply: http.Reply, kinds: set[str]) -> list[dict[str, Any]]:
    try:
        answer = json.loads(reply.body)
    except (ValueError, RecursionError) as error:
        detail = f"Prometheus answered {reply.status} with what is no JSON."
        raise ReaderError(detail) from error
    if not isinstance(answer, dict) or answer.get("status") != "success" or not reply.is_ok:
        said = answer.get("error") if isinstance(answer, dict) else None
        detail = f"Prometheus refused with {reply.status}: {str(said or 'no reason given')[:300]}"
        raise ReaderError(detail)
    data = answer.get("data")
    kind = data.get("resultType") if isinstance(data, dict) else None
    result = data.get("result") if isinstance(data, dict) else None
    if kind not in kinds or not isinstance(result, list):
        detail = f"Prometheus answered with {kind!r} where {' or '.join(sorted(kinds))} was asked for."
        raise ReaderError(detail)
    if kind == "scalar":
        return [{"metric": {}, "value": result}]
    return [item for item in result if isinstance(item, dict)]


def _series(metric: object, values: object) -> Series:
    labels = {str(name): str(value) for name, value in metric.items()} if isinstance(metric, dict) else {}
    points = [_point(value) for value in values] if isinstance(values, list) else []
    return Series(labels=labels, points=tuple(sorted(point for point in points if point is not None)))


def _point(pair: object) -> tuple[float, float] | None:
    """`[1700000000.5, "0.25"]`; values are strings because NaN and +Inf are no JSON."""
    if not isinstance(pair, list) or len(pair) != 2:
        return None
    try:
        at, value = float(pair[0]), float(pair[1])
    except (TypeError, ValueError):
        return None
    return (at, value) if math.isfinite(at) and math.isfinite(value) else None


def _seconds(moment: datetime) -> str:
    return f"{moment.timestamp():.3f}"
