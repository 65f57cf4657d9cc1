"""With SIGN_URL, the console's host serves no ceremony, and the signing host serves nothing else (H3)."""

import pytest
from django.test import Client
from django.urls import get_resolver

from console.sign_origin import CEREMONIES, PAGES
from core.actors import SYSTEM
from people.models import BrowserSession
from people.services.add_token import add_token

pytestmark = pytest.mark.django_db

SIGN = "https://sign.example.com"


@pytest.fixture
def console(settings):
    settings.SIGN_URL = SIGN


@pytest.fixture
def signing(settings):
    settings.SIGN_URL = settings.HERE_URL = SIGN
    settings.SERVE, settings.ROOT_URLCONF = "sign", "console.urls_sign"


@pytest.mark.usefixtures("console")
def test_the_console_links_to_where_signing_is(as_, waiting):
    for path in (f"/approvals/{waiting[1].pk}/", "/keys/?next=/approvals/1/"):
        answer = as_("ben").get(path)
        assert (answer.status_code, answer["Location"]) == (302, f"{SIGN}{path}")


@pytest.mark.usefixtures("console")
def test_the_console_hands_out_nothing_to_sign_to_a_browser(as_, waiting):
    client = as_("ben")
    for path in (
        f"approval-requests/{waiting[1].pk}/statements",
        "keys",
        "keys/registration-options",
        "acts/templates",
    ):
        answer = client.post(f"/api/v1/{path}/", "{}", "application/json")
        assert answer.status_code == 403, path
        assert f"Sign at {SIGN}" in answer.json()["detail"]
    assert client.get("/api/v1/keys/").status_code == 200


@pytest.mark.usefixtures("console")
def test_a_program_with_a_token_signs_by_itself_and_may_use_the_console(cast, waiting):
    token = add_token("ben", ["approvals:read", "approvals:sign"], actor=SYSTEM)
    body = {"decision": "approve", "key_id": "0" * 64}
    path = f"/api/v1/approval-requests/{waiting[1].pk}/statements/"

    known = Client(headers={"authorization": f"Bearer {token}"}).post(path, body, "application/json")
    assert "Nothing is signed at this address" not in known.content.decode()
    guessed = Client(headers={"authorization": "Bearer x"})
    guessed.force_login(cast["ben"], backend="django.contrib.auth.backends.ModelBackend")
    assert guessed.post(path, body, "application/json").status_code == 401


@pytest.mark.usefixtures("signing")
def test_the_signing_host_serves_the_signing_page_and_sends_back_the_rest(as_, waiting):
    client = as_("ben")
    page = client.get(f"/approvals/{waiting[1].pk}/")
    assert page.status_code == 200
    assert "trusted-types 'none'" in page["Content-Security-Policy"]
    for path in ("/", f"/incidents/{waiting[0].pk}/", "/audit/?record=1"):
        assert client.get(path)["Location"] == f"http://localhost:8000{path}"


@pytest.mark.usefixtures("signing")
@pytest.mark.parametrize(
    "path", ["/audit/export/", "/incidents/1/resolution/", "/lab/leak/", "/api/v1/incidents/", "/hooks/x/y", "/metrics"]
)
def test_the_signing_host_takes_nothing_else(as_, path):
    assert as_("ben").post(path).status_code in {403, 404, 405}


@pytest.mark.usefixtures("signing")
def test_a_session_of_the_console_is_none_where_people_sign(client, cast):
    client.force_login(cast["ben"], backend="django.contrib.auth.backends.ModelBackend")
    client.get("/keys/")
    assert BrowserSession.objects.get().serves == "sign"
    BrowserSession.objects.update(serves="console")

    assert client.get("/keys/").status_code == 302


def test_the_names_are_those_of_addresses_that_exist():
    known = {name for name in get_resolver().reverse_dict if isinstance(name, str)}

    assert {"sign", "keys-page"} <= PAGES & known
    assert {"statements", "decisions", "keys", "registration-options"} <= CEREMONIES & known


def test_without_a_signing_origin_both_share_one(as_, waiting):
    assert as_("ben").get(f"/approvals/{waiting[1].pk}/").status_code == 200
