"""The cast, signed-in browsers, and a world to look at."""

from pathlib import Path

import pytest
from django.conf import settings as django_settings

from approvals.services.activate_policy import activate_policy
from approvals.services.ensure_registry import ensure_registry
from core.actors import SYSTEM
from tests.console import world

# WhiteNoise looks for the folder of collected files, which a test does not have, when the first client is made.
Path(django_settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture(autouse=True)
def _plain_static_files(settings):
    """Pages are rendered without a manifest of hashed names, whichever way the installation is set up."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture
def cast(db):
    """Ada operates, Ben and Cleo approve, Dan manages, Mallory is nobody."""
    return world.cast()


@pytest.fixture
def as_(client, cast):
    """A browser in which somebody is signed in: `as_("ben").get("/")`."""

    def signed_in(handle):
        client.force_login(cast[handle], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


@pytest.fixture
def policy(db):
    """A registry and the lab's policy in force."""
    ensure_registry(actor=SYSTEM)
    activate_policy("lab", actor=SYSTEM)


@pytest.fixture
def lab(db):
    """Services and a source that spoke."""
    world.catalogue()
    world.source()


@pytest.fixture
def waiting(cast, lab):
    """An incident whose plan waits for one signature, and its request."""
    made = world.incident()
    found = world.remediation(made, "AWAITING_APPROVAL")
    world.diagnosed(found, made)
    request = world.asked(found, made)
    return made, request
