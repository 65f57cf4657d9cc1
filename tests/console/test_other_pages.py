"""Audit, keys, evidence, signing in and out, errors, the look."""

import json

import pytest

from audit.services.sequence import sequence_all
from core import clock
from core.actors import SYSTEM
from people.models import Person, SignInLink
from people.services.make_sign_in_link import make_sign_in_link
from tests.console import world

pytestmark = pytest.mark.django_db


def test_the_trail_tells_records_in_words_with_names(as_, waiting, cast):
    world.signed(waiting[1], cast["ben"])
    sequence_all()
    page = as_("dan").get("/audit/").content.decode()
    assert "Opened the incident: payments fails one request in twelve" in page
    assert "Ben Approver" in page
    assert "Signed the change" in page
    assert cast["ben"].pk not in page
    assert "signed up to" in page


def test_the_trail_can_be_narrowed_and_says_when_nothing_is_left(as_, waiting):
    sequence_all()
    client = as_("dan")
    page = client.get(f"/audit/?subject=INC-{waiting[0].pk}&kind=step").content.decode()
    assert "No record matches" in page
    page = client.get(f"/audit/?subject={waiting[0].subject}").content.decode()
    assert "Ranked 3 hypotheses" in page


def test_one_record_shows_its_facts_and_that_its_hash_agrees(as_, waiting):
    sequence_all()
    page = as_("dan").get("/audit/?record=0").content.decode()
    assert "Content matches its hash" in page
    assert "payments fails one request in twelve" in page
    assert as_("dan").get("/audit/?record=99999").status_code == 404


def test_pages_of_the_trail_follow_each_other_without_a_gap(as_, lab, cast):
    for number in range(60):
        world.say(SYSTEM, "source.added", f"source:s{number}")
    sequence_all()
    client = as_("dan")
    first = client.get("/audit/").content.decode()
    before = first.split("before=")[1].split('"')[0]
    second = client.get(f"/audit/?before={before}").content.decode()
    for number in range(60):
        row = f"Added the source s{number}<"
        assert (row in first) != (row in second)


def test_only_managers_and_admins_export(as_, waiting, policy):
    assert "Export</button>" not in as_("ben").get("/audit/").content.decode()
    assert as_("ben").post("/audit/export/").status_code == 403
    assert "Export</button>" in as_("dan").get("/audit/").content.decode()
    response = as_("dan").post("/audit/export/", {"subject": ""})
    assert response.status_code == 200
    assert response["Content-Disposition"] == 'attachment; filename="countersign-all.tar"'


def test_an_empty_trail_is_a_page(client, db):
    alone = Person.objects.create(handle="dan", name="Dan", created_at=clock.now())  # adding him properly is a record
    alone.role_grants.create(role="manager")
    client.force_login(alone, backend="django.contrib.auth.backends.ModelBackend")

    assert "Nothing is on record yet" in client.get("/audit/").content.decode()


def test_evidence_is_shown_and_handed_out_byte_by_byte(as_, waiting):
    client = as_("ada")
    page = client.get(f"/incidents/{waiting[0].pk}/").content.decode()
    sha = page.split('href="/evidence/')[1].split("/")[0]
    shown = client.get(f"/evidence/{sha}/").content.decode()
    assert "As a chart" in shown
    assert "hashed again for this page: they match" in shown
    raw = client.get(f"/evidence/{sha}/?raw")
    assert json.loads(raw.content)["query"]
    assert raw["Content-Disposition"].startswith("attachment")


def test_keys_say_what_they_are_good_for(as_, cast):
    world.key_of(cast["ben"])
    page = as_("ben").get("/keys/").content.decode()
    assert "Laptop passkey" in page
    assert "This passkey works only at" in page
    assert "Laptop passkey" not in as_("cleo").get("/keys/").content.decode()


def test_without_a_key_the_page_says_so(as_, cast):
    page = as_("ben").get("/keys/").content.decode()
    assert "You cannot sign yet" in page
    assert "./manage.py key add --person ben" in page


def test_looking_at_a_sign_in_link_does_not_use_it_up(client, cast, settings):
    settings.EMBEDDED = True
    token = make_sign_in_link("ada", actor=SYSTEM)
    for _ in range(3):
        assert client.get(f"/sign-in/{token}/").status_code == 200
    assert SignInLink.objects.get().used_at is None
    assert client.post(f"/sign-in/{token}/").url == "/"
    assert client.get("/").status_code == 200
    client.post("/sign-out/")
    refused = client.post(f"/sign-in/{token}/")
    assert refused.status_code == 401
    assert "used already" in refused.content.decode()


def test_signing_out_takes_a_form_with_its_token(cast):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast["ada"], backend="django.contrib.auth.backends.ModelBackend")
    response = strict.post("/sign-out/")
    assert response.status_code == 403
    assert strict.get("/").status_code == 200


def test_the_look_is_kept_in_a_cookie_and_never_sends_anybody_elsewhere(as_, waiting):
    client = as_("ada")
    response = client.post("/theme/", {"theme": "dark", "next": "/audit/"})
    assert response.url == "/audit/"
    assert 'data-theme="dark"' in client.get("/").content.decode()
    assert client.post("/theme/", {"theme": "dark", "next": "//evil.example/"}).url == "/"
    assert client.post("/theme/", {"theme": "dark", "next": "https://evil.example/"}).url == "/"
    client.post("/theme/", {"theme": ""})
    assert "data-theme" not in client.get("/").content.decode()


def test_what_does_not_exist_is_told_in_the_look_and_to_machines_as_a_problem(as_):
    page = as_("ada").get("/nowhere/")
    assert (page.status_code, "There is nothing at this address" in page.content.decode()) == (404, True)
    machine = as_("ada").get("/api/v1/nowhere/")
    assert machine["Content-Type"] == "application/problem+json"


def test_no_page_has_anything_inline(as_, waiting, cast):
    import re

    world.key_of(cast["ben"])
    paths = ("/", f"/incidents/{waiting[0].pk}/", f"/approvals/{waiting[1].pk}/", "/audit/", "/keys/", "/nowhere/")
    for path in paths:
        page = as_("ben").get(path).content.decode()
        assert not re.search(r'\sstyle="|<style|\son[a-z]+="|javascript:', page), path
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page)), path
        assert not re.search(r'(?:src|href)="(?:https?:)?//', page), path
