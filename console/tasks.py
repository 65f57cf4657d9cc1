"""The shell's own task."""

from celery import shared_task

from console.models import Heartbeat
from core import clock


@shared_task(name="console.heartbeat")
def heartbeat() -> None:
    """Note that a worker is alive. Safe twice: the last one wins."""
    Heartbeat.objects.update_or_create(name="worker", defaults={"at": clock.now()})
