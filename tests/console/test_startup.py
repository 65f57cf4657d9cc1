"""What a process refuses to start on, tried on the real entries: uvicorn's, celery's and the settings."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from console import startup
from console.celery import app
from core.actors import SYSTEM
from people.services.demo_people import add_demo_people

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def demo_in_production(transactional_db, settings):
    settings.EMBEDDED = True
    add_demo_people(actor=SYSTEM)
    settings.EMBEDDED = False


@pytest.mark.usefixtures("demo_in_production")
def test_no_process_serves_demo_people_in_production():
    with pytest.raises(ImproperlyConfigured, match="demo people"):
        startup.require_safe_start()


@pytest.mark.usefixtures("demo_in_production")
def test_no_worker_works_for_demo_people_in_production():
    with pytest.raises(ImproperlyConfigured, match="demo people"):
        app.WorkController(app=app, pool_cls="solo", without_mingle=True, without_gossip=True)


def run(tmp_path, *arguments, **variables):
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    environment |= {"DATA_DIR": str(tmp_path / "data"), "EXECUTOR_STATE_DIR": str(tmp_path / "executor"), **variables}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=90
    )


def test_a_web_process_of_production_ends_on_a_database_of_demo_people(tmp_path):
    assert run(tmp_path, "manage.py", "prepare").returncode == 0
    production = {"REDIS_URL": "redis://127.0.0.1:1/0", "SECRET_KEY": "k" * 50}

    web = run(tmp_path, "-m", "uvicorn", "console.asgi:application", "--port", "0", "--lifespan", "off", **production)

    assert web.returncode != 0
    assert "demo people" in web.stderr


def test_production_starts_nothing_with_a_moved_clock(tmp_path):
    moved = {"REDIS_URL": "redis://127.0.0.1:1/0", "SECRET_KEY": "k" * 50, "COUNTERSIGN_CLOCK_SHIFT_S": "3600"}

    told = run(tmp_path, "-c", "import console.settings", **moved)

    assert told.returncode != 0
    assert "COUNTERSIGN_CLOCK_SHIFT_S" in told.stderr


def test_what_a_web_process_loads_is_kept_from_the_garbage_collector(tmp_path):
    assert run(tmp_path, "manage.py", "prepare").returncode == 0

    told = run(tmp_path, "-c", "import gc, console.asgi; print(gc.get_freeze_count() > 2 * len(gc.get_objects()))")

    assert told.stdout.strip() == "True", told.stderr
