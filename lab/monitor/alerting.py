"""Alert states over time: a condition holds, keeps holding, an alert fires, and is resolved. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from lab.monitor.recording import Values
from lab.monitor.rules import ENVIRONMENT, AlertRule

_FNV_OFFSET, _FNV_PRIME, _MASK = 0xCBF29CE484222325, 0x100000001B3, 0xFFFFFFFFFFFFFFFF
_SEPARATOR = b"\xff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One rule's state for one service.

    Attributes:
        active_at: since when the condition holds.
        fired_at: since when it fires; None while pending.
        last_true: when the condition was last seen to hold.
        resolved_at: when it ended; None while it lasts.
    """

    rule: AlertRule
    service: str
    value: float
    active_at: float
    last_true: float
    fired_at: float | None = None
    resolved_at: float | None = None

    @property
    def state(self) -> str:
        """`pending`, `firing` or `resolved`, as Prometheus and Alertmanager say."""
        if self.resolved_at is not None:
            return "resolved"
        return "pending" if self.fired_at is None else "firing"

    @property
    def labels(self) -> dict[str, str]:
        """What identifies the alert."""
        return {
            "alertname": self.rule.name,
            "environment": ENVIRONMENT,
            "service": self.service,
            "severity": self.rule.severity,
        }

    @property
    def annotations(self) -> dict[str, str]:
        """What a person reads."""
        words = {"service": self.service, "value": f"{self.value:.1f}"}
        return {
            "description": self.rule.description.format_map(words),
            "summary": self.rule.summary.format_map(words),
        }


class Evaluator:
    """Keeps the states between evaluations."""

    def __init__(self, rules: Iterable[AlertRule]) -> None:
        self._rules = tuple(rules)
        self._alerts: dict[tuple[str, str], Alert] = {}

    def step(self, values: Values, now: float) -> list[Alert]:
        """Evaluate all rules once; returns the alerts that began or ceased to fire."""
        changed: list[Alert] = []
        for rule in self._rules:
            holding = dict(_holding(rule, values))
            known = {service for name, service in self._alerts if name == rule.name}
            for service in sorted(known | set(holding)):
                changed.extend(self._move(rule, service, holding.get(service), now))
        return changed

    def current(self) -> list[Alert]:
        """All that is pending or firing."""
        return list(self._alerts.values())

    def _move(self, rule: AlertRule, service: str, value: float | None, now: float) -> Iterator[Alert]:
        key = (rule.name, service)
        alert = self._alerts.get(key)
        if value is None:
            if alert is not None:
                yield from self._fade(key, alert, now)
            return
        if alert is None:
            alert = Alert(rule=rule, service=service, value=value, active_at=now, last_true=now)
        alert = replace(alert, value=value, last_true=now)
        if alert.fired_at is None and now - alert.active_at >= rule.for_s:
            alert = replace(alert, fired_at=now)
            yield alert
        self._alerts[key] = alert

    def _fade(self, key: tuple[str, str], alert: Alert, now: float) -> Iterator[Alert]:
        if alert.fired_at is not None and now - alert.last_true < alert.rule.keep_s:
            return
        del self._alerts[key]
        if alert.fired_at is not None:
            yield replace(alert, resolved_at=now)


def fingerprint(labels: dict[str, str]) -> str:
    """Alertmanager's fingerprint of labels: FNV-1a over names and values in order, so that both variants agree."""
    digest = _FNV_OFFSET
    for name in sorted(labels):
        for byte in name.encode() + _SEPARATOR + labels[name].encode() + _SEPARATOR:
            digest = ((digest ^ byte) * _FNV_PRIME) & _MASK
    return f"{digest:016x}"


def _holding(rule: AlertRule, values: Values) -> Iterator[tuple[str, float]]:
    for service, raw in values.get(rule.series, {}).items():
        value = raw * rule.scale
        if (value > rule.threshold) == rule.above and value != rule.threshold and _guarded(rule, service, values):
            yield service, value


def _guarded(rule: AlertRule, service: str, values: Values) -> bool:
    if rule.guard is None:
        return True
    series, least = rule.guard
    return values.get(series, {}).get(service, 0.0) >= least
