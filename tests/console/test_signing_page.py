"""The signing page renders the change itself, and offers the verb to those who may."""

import json
from pathlib import Path

import pytest
from django.conf import settings

from audit import ledger
from people.models import Person
from proof.words import six_words
from tests.console import world

pytestmark = pytest.mark.django_db


def page_of(client, request):
    return client.get(f"/approvals/{request.pk}/").content.decode()


def test_it_shows_the_fields_of_the_canonical_document(as_, waiting, cast):
    _, request = waiting
    world.key_of(cast["ben"])
    page = page_of(as_("ben"), request)
    change = json.loads(ledger.fetch(request.change_id))
    for text in (
        change["steps"][0]["command"],
        change["steps"][0]["undo"]["command"],
        change["touches"][0]["sentence"],
        change["blast_radius"]["sentence"],
        change["verification"]["sentence"],
        "acquirer_timeout_ms",
        "Approve with passkey",
        f'data-digest="{request.change_id}"',
    ):
        assert text.replace('"', "&quot;") in page or text in page, text


def test_the_words_are_not_in_what_the_server_sends(as_, waiting):
    _, request = waiting
    page = page_of(as_("ben"), request)
    assert " ".join(six_words(request.change_id)[:2]) not in page
    assert "Computing on this device" in page


def test_its_policy_is_stricter_and_it_loads_no_other_code(as_, waiting):
    response = as_("ben").get(f"/approvals/{waiting[1].pk}/")
    policy = response["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "trusted-types 'none'" in policy
    assert "htmx" not in response.content.decode()
    assert "unsafe" not in policy


def test_without_a_key_it_says_how_to_get_one(as_, waiting):
    page = page_of(as_("ben"), waiting[1])
    assert "You have no key yet" in page
    assert "./manage.py key add --person ben" in page
    assert 'id="approve"' not in page


def test_at_an_address_without_passkeys_it_says_so(as_, waiting, cast, settings):
    settings.PUBLIC_URL = "http://10.0.0.5:8000"
    world.key_of(cast["ben"])
    page = page_of(as_("ben"), waiting[1])
    assert "Passkeys do not work at this address; use an SSH key or set PUBLIC_URL" in page
    assert 'id="approve"' not in page


@pytest.mark.parametrize("handle", ["ada", "dan", "vera"])
def test_who_may_not_sign_reads_why(as_, waiting, cast, handle):
    world.key_of(cast[handle])
    page = page_of(as_(handle), waiting[1])
    assert "You may not sign. You do not hold the approver role" in page
    assert 'id="approve"' not in page


def test_who_shaped_the_change_may_only_reject(as_, lab, cast):
    made = world.incident()
    found = world.remediation(made, "AWAITING_APPROVAL")
    request = world.asked(found, made, interested=[cast["ben"].pk])
    world.key_of(cast["ben"])
    page = page_of(as_("ben"), request)
    assert "proposed or shaped this change" in page
    assert 'id="reject-open"' in page
    assert 'id="approve"' not in page


def test_my_signature_among_three_leaves_the_frame_dashed(as_, lab, cast):
    made = world.incident(severity="S1")
    found = world.remediation(made, "AWAITING_APPROVAL")
    request = world.asked(found, made, needed=3, tier="CRITICAL", score=15)
    world.signed(request, cast["ben"])
    page = page_of(as_("ben"), request)
    assert "You signed. 2 signatures are missing" in page
    assert "doc bound" not in page
    assert 'id="approve"' not in page


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("GRANTED", "The signatures are complete"),
        ("REJECTED", "Nothing runs. The agents stepped back"),
        ("EXPIRED", "The time to sign ran out"),
        ("VOIDED", "The plan changed."),
        ("WITHDRAWN", "no longer asks"),
    ],
)
def test_a_settled_request_says_what_became_of_it(as_, lab, cast, state, words):
    made = world.incident()
    request = world.asked(world.remediation(made, "AWAITING_APPROVAL"), made, state=state)
    world.key_of(cast["ben"])
    page = page_of(as_("ben"), request)
    assert words in page
    assert 'id="approve"' not in page


def test_a_change_that_no_longer_matches_its_digest_cannot_be_signed(as_, waiting, cast):
    from tests.console.test_incident_page import swap_document

    world.key_of(cast["ben"])
    swap_document(waiting[1].change_id)
    page = page_of(as_("ben"), waiting[1])
    assert "This change cannot be shown" in page
    assert 'id="approve"' not in page


def test_the_local_mode_is_said_word_for_word(as_, waiting, cast):
    Person.objects.filter(pk=cast["ada"].pk).update(is_demo=True)
    sentence = (
        "One program on this computer holds every service key. Signatures are checked against the exact change, but "
        "whoever controls this account can act without them, rewrite the record and sign it again. Demo people: one "
        "person can hold all these keys. No outside witness."
    )
    if not settings.EMBEDDED:
        pytest.skip("said in the embedded mode alone")
    for path in (f"/approvals/{waiting[1].pk}/", "/keys/", "/audit/"):
        page = as_("ben").get(path).content.decode()
        assert f"<b>Local mode.</b> {sentence}" in page, path


def test_the_word_list_of_the_page_is_that_of_the_verifier():
    served = json.loads((Path(settings.BASE_DIR) / "static" / "words.json").read_text())
    assert served == (Path(settings.BASE_DIR) / "proof" / "bip39.txt").read_text().split()


def test_a_quorum_that_nobody_can_complete_is_said(as_, waiting):
    _, request = waiting
    request.needed = 3
    request.save()
    assert "3 signatures are missing, and 2 people may sign" in page_of(as_("dan"), request)


def test_a_request_that_is_over_offers_no_command_that_signs(as_, waiting):
    _, request = waiting
    type(request).objects.filter(pk=request.pk).update(state="EXPIRED")
    page = page_of(as_("ben"), request)
    assert "--show" in page
    assert "--ssh-key" not in page
    assert "Nobody signed." in page
