"""Every address there is, asked by somebody who may not: whoever adds one decides here who may."""

import re

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver

from tests.console import world

pytestmark = pytest.mark.django_db

OPEN = frozenset({"/api/v1/schema/", "/favicon.ico", "/healthz", "/metrics", "/readyz", "/sign-in/", "/sign-in/x/"}) | {
    f"/sign-in/{way}/" for way in ("company", "company/done", "passkey", "passkey/options")
}
"""Without signing in: is it alive, how is it doing (counts), how the API looks, and the way in."""
HARMLESS = frozenset({"/sign-out/", "/theme/"})
"""Anybody may press these; they change nothing but the asker's own cookies, and take the form's token."""
HOOKS = "/hooks/"
"""The token in the address is what lets a sender in; tests/connectors/intake has the attacks."""


def addresses(resolver=None, prefix="/"):
    for found in (resolver or get_resolver()).url_patterns:
        path = prefix + filled(str(found.pattern))
        if isinstance(found, URLResolver):
            yield from addresses(found, path)
        else:
            yield path


def filled(pattern):
    plain = re.sub(r"\(\?P<\w+>\[0-9a-f\]\{64\}\)", "0" * 64, pattern).strip("^$")
    return re.sub(r"<(int|[a-z]+):[^>]+>", lambda kind: "1" if kind[1] == "int" else "x", plain)


def protected():
    found = sorted(set(addresses()))
    assert len(found) > 30
    return [path for path in found if path not in OPEN and not path.startswith(HOOKS)]


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_nobody_is_answered_without_signing_in(method):
    client = Client()
    for path in protected():
        if path in HARMLESS:
            continue
        answer = getattr(client, method)(path)
        sent_away = answer.status_code == 302 and answer["Location"].startswith("/sign-in/")
        assert sent_away or answer.status_code in {401, 403}, f"{method} {path}: {answer.status_code}"


def test_a_post_without_the_forms_token_is_taken_nowhere():
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.cast()["ben"], backend="django.contrib.auth.backends.ModelBackend")
    for path in [*protected(), "/sign-in/x/"]:
        answer = client.post(path, "{}", content_type="application/json")
        assert answer.status_code in {403, 405}, f"{path}: {answer.status_code}"


def test_a_token_without_scopes_for_it_is_answered_nowhere():
    from core.actors import SYSTEM
    from people.services.add_token import add_token

    world.cast()
    client = Client(headers={"authorization": f"Bearer {add_token('ben', ['ledger:read'], actor=SYSTEM)}"})
    for path in protected():
        if path.startswith("/api/"):
            assert client.get(path).status_code in {403, 405}, path
            assert client.post(path, "{}", content_type="application/json").status_code in {403, 405}, path
