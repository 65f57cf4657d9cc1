"""The least that a Django view can do with an alert: one row, upserted by its fingerprint, in a commit of its own.

A yardstick for `ingest.py`, served by the same server on the same database: `uvicorn benchmarks.bare:application`.
"""

import json
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.urls import path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from console import env

TABLE = """CREATE TABLE IF NOT EXISTS bare_alert (id bigserial PRIMARY KEY, fingerprint text UNIQUE NOT NULL,
    status text NOT NULL, body jsonb NOT NULL, count integer NOT NULL DEFAULT 1,
    at timestamptz NOT NULL DEFAULT now())"""
UPSERT = """INSERT INTO bare_alert (fingerprint, status, body) VALUES (%s, %s, %s) ON CONFLICT (fingerprint)
    DO UPDATE SET count = bare_alert.count + 1, status = excluded.status, body = excluded.body"""


def hook(request: HttpRequest) -> JsonResponse:
    """Store one alert."""
    alert = json.loads(request.body)["alerts"][0]
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, [alert["fingerprint"], alert["status"], json.dumps(alert)])
    return JsonResponse({"stored": True}, status=202)


def healthz(_request: HttpRequest) -> JsonResponse:
    """Answer once the table is there."""
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
    return JsonResponse({"ok": True})


urlpatterns = [path("hook", hook), path("healthz", healthz)]
settings.configure(
    ALLOWED_HOSTS=["*"],
    DATABASES={"default": env.database("DATABASE_URL", Path(os.devnull))},
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],  # it names the length of an answer
    ROOT_URLCONF=__name__,
    SECRET_KEY="x" * 50,
    USE_TZ=True,
)
django.setup()
application = get_asgi_application()
