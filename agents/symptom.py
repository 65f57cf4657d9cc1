"""The symptom that a change promises to cure: read it, judge it, say for how long it has been away."""

from datetime import datetime

from agents.models import Remediation
from connectors.base import ReaderError
from connectors.registry import metrics
from proof.documents import Verification


def read(environment: str, wanted: Verification) -> float | None:
    """The symptom now; a source that does not answer is not health."""
    try:
        return metrics(environment).instant(wanted.query)
    except ReaderError:
        return None


def is_healthy(value: float, wanted: Verification) -> bool:
    """Whether a reading is what the change promised."""
    threshold = float(wanted.threshold)
    return value < threshold if wanted.compare == "<" else value > threshold


def healthy_for(remediation: Remediation, *, since: datetime) -> float | None:
    """For how many seconds the readings since then have been healthy without a break; None if the last one was not."""
    latest = None
    first = None
    for reading in remediation.readings.filter(at__gte=since).order_by("-at", "-pk").iterator():
        if not reading.healthy:
            break
        latest = latest or reading.at
        first = reading.at
    return (latest - first).total_seconds() if latest is not None and first is not None else None
