"""The Celery application. Messages are doorbells; the database holds the work."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

app = Celery("console")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["audit", "incidents", "approvals", "connectors", "agents", "console"])
app.steps["worker"].add("console.startup:SafeStart")
