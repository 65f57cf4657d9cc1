"""Sessions end by silence, by age and by their owner; dangerous pages want to see the person again."""

import json
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from console import sessions
from core import clock
from core.actors import SYSTEM
from people.models import ApiToken, BrowserSession, SignInPasskey
from people.services.deactivate_person import deactivate_person
from people.services.make_sign_in_link import make_sign_in_link
from tests.people.authenticator import SignInKey

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(monkeypatch):
    """Move the clock: `at(minutes=5)`."""
    start = clock.now()

    def move(**later):
        monkeypatch.setattr(clock, "now", lambda: start + timedelta(**later))

    return move


@pytest.fixture
def enter(cast, settings):
    """Sign somebody in by a link, as a browser does."""
    settings.EMBEDDED = True

    def signed_in(handle, client=None):
        client = client or Client()
        assert client.post(f"/sign-in/{make_sign_in_link(handle, actor=SYSTEM)}/").status_code == 302
        return client

    return signed_in


def is_in(client):
    return client.get("/keys/").status_code == 200


def post(client, path, body):
    return client.post(path, json.dumps(body), content_type="application/json")


def with_passkey(client):
    key = SignInKey()
    options = post(client, "/account/passkeys/options/", {}).json()
    made = {"credential": key.create(options), "label": "Laptop"}
    assert post(client, "/account/passkeys/", made).status_code == 201
    return key


def test_silence_ends_a_session(enter, at):
    client = enter("ada")
    at(minutes=119)
    assert is_in(client)
    at(minutes=119 + 121)
    assert not is_in(client)
    assert not Session.objects.filter(session_key=client.session.session_key or "x").exists()


def test_a_page_that_refreshes_itself_keeps_nobody_in(enter, at):
    client = enter("ada")
    for minutes in (60, 115):
        at(minutes=minutes)
        assert client.get("/", headers={"HX-Request": "true"}).status_code == 200
    at(minutes=121)
    assert not is_in(client)


def test_age_ends_a_session_however_busy(enter, at):
    client = enter("ada")
    for hours in range(1, 12):
        at(hours=hours)
        assert is_in(client), hours
    at(hours=12, seconds=1)
    assert not is_in(client)


def test_signing_in_changes_the_key_so_that_a_planted_one_is_worth_nothing(enter):
    client = Client()
    client.get("/sign-in/")
    post(client, "/sign-in/passkey/options/", {})
    planted = client.cookies["sessionid"].value
    enter("ada", client)

    assert client.cookies["sessionid"].value != planted
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert not is_in(thief)


def test_signing_in_again_changes_the_key_too(enter):
    client = enter("ada")
    before = client.cookies["sessionid"].value
    enter("ada", client)

    assert client.cookies["sessionid"].value != before
    assert BrowserSession.objects.count() == 1


def test_a_row_that_is_gone_is_not_taken_for_a_new_session(enter):
    client = enter("ada")
    BrowserSession.objects.all().delete()

    assert not is_in(client)


def test_a_session_of_the_signing_origin_is_none_on_the_console(enter):
    client = enter("ada")
    BrowserSession.objects.update(serves="sign")

    assert not is_in(client)


def test_people_see_and_end_their_own_sessions(enter):
    here, there = enter("ada"), enter("ada")
    page = here.get("/account/").content.decode()
    assert "2 signed-in browsers" in page
    other = BrowserSession.objects.exclude(session_key=here.session.session_key).get()
    assert other.session_key not in page

    here.post("/account/sessions/ending/", {"session": other.pk})
    assert (is_in(here), is_in(there)) == (True, False)


def test_nobody_ends_anothers_session(enter):
    ada, mallory = enter("ada"), enter("mallory")
    theirs = BrowserSession.objects.get(person__handle="ada")
    mallory.post("/account/sessions/ending/", {"session": theirs.pk})
    mallory.post("/account/sessions/ending/")

    assert is_in(ada)


def test_who_is_deactivated_is_out_at_once(enter):
    client = enter("ada")
    deactivate_person("ada", actor=SYSTEM)

    assert not is_in(client)


def test_signing_out_ends_the_row_as_well(enter):
    enter("ada").post("/sign-out/")

    assert not BrowserSession.objects.exists()


TOKEN = {"label": "CI", "scope": ["ledger:read"], "days": "7"}


def test_a_token_is_shown_once_and_used_and_revoked(enter):
    client = enter("ada")
    page = client.post("/account/tokens/", TOKEN).content.decode()
    token = page.split('id="made" tabindex="0">')[1].split("<")[0]
    assert token not in client.get("/account/").content.decode()

    program = Client(headers={"authorization": f"Bearer {token}"})
    assert program.get("/api/v1/incidents/").status_code == 403
    assert program.get("/ledger/checkpoint").status_code in {200, 404}
    assert ApiToken.objects.get().last_used_at is not None
    client.post(f"/account/tokens/{ApiToken.objects.get().public_id}/revocation/")
    assert program.get("/ledger/checkpoint").status_code == 401


@pytest.mark.parametrize("wrong", [{"days": "9999"}, {"days": ""}, {"scope": []}, {"scope": ["everything"]}])
def test_a_token_without_an_end_or_with_other_scopes_is_not_made(enter, wrong):
    assert enter("ada").post("/account/tokens/", {**TOKEN, **wrong}).status_code == 400
    assert not ApiToken.objects.exists()


def test_a_stolen_cookie_makes_no_token_and_no_passkey_once_its_owner_was_not_seen_lately(enter, at):
    client = enter("ada")
    at(minutes=6)
    answer = client.post("/account/tokens/", TOKEN, headers={"referer": "http://testserver/account/"})
    assert (answer.status_code, answer["Location"]) == (302, "/step-up/?next=%2Faccount%2F")
    refused = client.post(
        "/account/passkeys/options/", "{}", "application/json", headers={"accept": "application/json"}
    )
    assert refused.status_code == 403
    assert (ApiToken.objects.count(), SignInPasskey.objects.count()) == (0, 0)


def test_a_passkey_confirms_and_brings_one_back(enter, at):
    client = enter("ada")
    key = with_passkey(client)
    at(minutes=6)
    page = client.get("/step-up/?next=/account/").content.decode()
    assert 'data-next="/account/"' in page
    options = post(client, "/step-up/passkey/options/", {}).json()
    assert [one["id"] for one in options["allowCredentials"]] == [SignInPasskey.objects.get().pk]
    answer = post(client, "/step-up/passkey/", {"credential": key.get(options), "next": "/account/"})
    assert answer.json() == {"next": "/account/"}
    assert client.post("/account/tokens/", TOKEN).status_code == 200
    at(minutes=12)
    assert client.post("/account/tokens/", TOKEN).status_code == 302


def test_a_challenge_is_for_one_purpose_and_once(enter, at):
    client = enter("ada")
    key = with_passkey(client)
    at(minutes=6)
    options = post(client, "/step-up/passkey/options/", {}).json()
    stranger = Client()
    assert post(stranger, "/sign-in/passkey/", {"credential": key.get(options)}).status_code == 422
    post(client, "/step-up/passkey/", {"credential": key.get(options)})
    again = post(client, "/step-up/passkey/", {"credential": key.get(options)})
    assert again.status_code == 422
    accept = {"accept": "application/json"}
    told = client.post("/step-up/passkey/", "{}", "application/json", headers=accept)
    assert "Try again" in told.json()["detail"]
    late = post(client, "/step-up/passkey/options/", {}).json()
    at(minutes=12)
    assert post(client, "/step-up/passkey/", {"credential": key.get(late)}).status_code == 422


def test_signing_in_by_passkey_is_having_been_seen(enter):
    key = with_passkey(enter("ada"))
    client = Client()
    options = post(client, "/sign-in/passkey/options/", {}).json()
    assert options.get("allowCredentials", []) == []
    answer = post(client, "/sign-in/passkey/", {"credential": key.get(options), "next": "//evil.example/"})
    assert answer.json() == {"next": "/"}
    assert client.post("/account/tokens/", TOKEN).status_code == 200


def test_what_is_not_json_or_too_much_is_refused(enter):
    client = Client()
    for body in ("", "[]", "{", '"x"', json.dumps({"credential": "x" * 30_000})):
        assert client.post("/sign-in/passkey/", body, "application/json").status_code in {400, 422}


def test_a_later_word_about_an_earlier_time_does_not_count_as_now(enter, rf, at):
    client = enter("ada")
    request = rf.get("/")
    request.session = client.session
    sessions.note_verified(request, clock.now() + timedelta(days=1))

    assert sessions.verified_at(request) <= clock.now()
