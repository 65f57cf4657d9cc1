"""The cast, signed-in browsers, and a world to look at."""

from pathlib import Path

import pytest
from django.conf import settings as django_settings

from approvals.services.activate_policy import activate_policy
from approvals.services.ensure_registry import ensure_registry
from core.actors import SYSTEM
from tests.approvals.cast import member
from tests.console import world
from tests.console.browsing import VIRTUAL_KEY, WIDE, Console, Seeded, chromium

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
        client.get("/healthz")  # the first request of a session writes down that it began
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


@pytest.fixture(name="chromium")
def _chromium():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def seeded(tmp_path_factory):
    return Seeded(tmp_path_factory.mktemp("seeded"))


@pytest.fixture
def console(seeded, tmp_path):
    started = Console(seeded, tmp_path)
    yield started
    started.stop()


@pytest.fixture
def open_as(console, chromium):
    """A page of somebody who is signed in, with a virtual passkey; what its console complains about is collected."""

    def opened(handle, path="/", size=WIDE):
        context = chromium.new_context(viewport=size, base_url=console.url)
        context.add_cookies([{"name": "sessionid", "value": console.seed("session", handle), "url": console.url}])
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda said: page.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        tools = context.new_cdp_session(page)
        tools.send("WebAuthn.enable")
        tools.send("WebAuthn.addVirtualAuthenticator", {"options": VIRTUAL_KEY})
        page.goto(path)
        return page

    return opened


@pytest.fixture
def keyed(cast, policy, lab):
    """Ben and Cleo hold keys that the signed registry lists; a plan that was really proposed waits for one of them."""
    for handle in ("ben", "cleo"):
        member(handle)
    made = world.incident()
    found = world.remediation(made, "AWAITING_APPROVAL")
    world.diagnosed(found, made)
    return made, world.proposed(found, made)
