"""With the production settings and a Redis that is not there, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import time
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
settings.ROOT_URLCONF, settings.ALLOWED_HOSTS = "connectors.urls", ["*"]
from connectors.models import Delivery
from connectors.services.add_source import add_source
from core.actors import SYSTEM
token = add_source("alertmanager", "Shop", actor=SYSTEM).token
before = time.monotonic()
answer = Client().post(f"/hooks/alertmanager/{token}", b'{"alerts": []}', content_type="application/json")
print(answer.status_code, Delivery.objects.count(), time.monotonic() - before < 4)
"""


def test_a_delivery_is_accepted_at_once_while_the_broker_is_down(tmp_path):
    named = {
        "DJANGO_SETTINGS_MODULE": "console.settings",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": "x" * 50,
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": "",
        "PYTHONPATH": str(ROOT),
    }

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | named,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.stdout.split() == ["202", "1", "True"], done.stderr
