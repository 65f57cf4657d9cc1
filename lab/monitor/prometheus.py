"""Debian's Prometheus and Alertmanager for the lab: their configuration files and command lines."""

import shutil
from pathlib import Path

import yaml

from lab.layout import SERVICES, Instance, Layout
from lab.monitor.rules import ALERT_RULES, ENVIRONMENT, RECEIVER, RECORDED, AlertRule

PROMETHEUS, ALERTMANAGER = "prometheus", "prometheus-alertmanager"


def is_installed() -> bool:
    """Whether both programs are there."""
    return shutil.which(PROMETHEUS) is not None and shutil.which(ALERTMANAGER) is not None


def storage(place: Layout) -> Path:
    """Prometheus' data folder; its path, which Prometheus reports, tells our Prometheus from another."""
    return place.root / "prometheus"


def identity(instance: Instance) -> str:
    """The name of a receiver that is never used; Alertmanager reports it, which tells ours from another."""
    return f"instance-{instance.id}"


def write(place: Layout, instance: Instance) -> None:
    """Write all three files into the run folder."""
    targets = [{"targets": [f"127.0.0.1:{instance.ports[name]}"], "labels": {"service": name}} for name in SERVICES]
    alertmanager = [{"static_configs": [{"targets": [f"127.0.0.1:{instance.ports['alertmanager']}"]}]}]
    _dump(
        place.run / "prometheus.yml",
        {
            "global": {"scrape_interval": "1s", "scrape_timeout": "900ms", "evaluation_interval": "1s"},
            "rule_files": [str(place.run / "rules.yml")],
            "alerting": {"alertmanagers": alertmanager},
            "scrape_configs": [{"job_name": "shop", "static_configs": targets}],
        },
    )
    recorded: list[dict[str, object]] = [{"record": name, "expr": expression} for name, expression in RECORDED.items()]
    alerts = [_rule(rule) for rule in ALERT_RULES]
    _dump(place.run / "rules.yml", {"groups": [{"name": "shop", "rules": recorded + alerts}]})
    _dump(
        place.run / "alertmanager.yml",
        {
            "route": {
                "receiver": RECEIVER,
                "group_by": ["alertname", "service"],
                "group_wait": "1s",
                "group_interval": "1s",
                "repeat_interval": "1h",
            },
            "receivers": [
                {"name": RECEIVER, "webhook_configs": [{"url": instance.webhook, "send_resolved": True}]},
                {"name": identity(instance)},
            ],
        },
    )


def commands(place: Layout, instance: Instance) -> dict[str, list[str]]:
    """Command line by process name."""
    return {
        "monitor": [
            PROMETHEUS,
            f"--config.file={place.run / 'prometheus.yml'}",
            f"--storage.tsdb.path={storage(place)}",
            "--storage.tsdb.retention.time=6h",
            "--query.lookback-delta=5s",
            f"--web.listen-address=127.0.0.1:{instance.ports['monitor']}",
            "--log.level=warn",
        ],
        "alertmanager": [
            ALERTMANAGER,
            f"--config.file={place.run / 'alertmanager.yml'}",
            f"--storage.path={place.root / 'alertmanager'}",
            f"--web.listen-address=127.0.0.1:{instance.ports['alertmanager']}",
            "--cluster.listen-address=",
            "--log.level=warn",
        ],
    }


def _rule(rule: AlertRule) -> dict[str, object]:
    words = {"{service}": "{{ $labels.service }}", "{value}": '{{ printf "%.1f" $value }}'}

    def template(text: str) -> str:
        for placeholder, expression in words.items():
            text = text.replace(placeholder, expression)
        return text

    return {
        "alert": rule.name,
        "expr": rule.expression,
        "for": f"{rule.for_s}s",
        "keep_firing_for": f"{rule.keep_s}s",
        "labels": {"severity": rule.severity, "environment": ENVIRONMENT},
        "annotations": {"summary": template(rule.summary), "description": template(rule.description)},
    }


def _dump(path: Path, content: object) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False, width=200))
    path.chmod(0o600)
