"""Enrolling: begin_enrolment, offer_key, prove_possession. A new key proves itself, and an older one stands for it."""

import logging
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from approvals import enrolments, registry
from approvals.models import Enrolment, PersonKey
from approvals.services.begin_enrolment import begin_passkey
from approvals.services.ensure_registry import ensure_registry
from approvals.services.issue_template import issue_template
from approvals.services.offer_key import offer_passkey, offer_ssh
from approvals.services.propose import propose
from approvals.services.record_act import record_act
from approvals.services.record_decision import record_decision
from audit.models import Entry
from core import clock
from core.actors import PLANNER, SYSTEM
from core.errors import BadInputError, NotPermittedError, RefusedError
from people.services.add_person import add_person
from proof.documents import ACT_PAYLOAD
from tests.approvals.authenticator import BE, UP, UV, Authenticator
from tests.approvals.cast import Member, public_line, sidecar
from tests.approvals.decisions import state_of
from tests.approvals.enrolling import HERE, enrol, handed_out, offer, prove, vouch
from tests.approvals.plans import rollback

pytestmark = pytest.mark.django_db


def test_a_passkey_is_enrolled_with_its_site_and_whether_it_can_be_copied(cast):
    key = enrol(cast.ben, Authenticator(flags=UP | UV | BE))

    found = registry.current().key(key.key_id)
    assert (found.key_class, found.person_id, found.backup_eligible) == ("webauthn", cast.ben.person.pk, True)
    assert (found.rp_id, found.origins, found.device_bound) == ("localhost", ("http://localhost:8000",), False)
    assert Entry.objects.filter(verb="key.enrolled", subject=f"key:{key.key_id}").exists()


def test_its_proof_and_the_older_keys_word_stand_in_the_ledger(cast):
    key = enrol(cast.ben, Authenticator())

    proved = Entry.objects.filter(verb="key.proved", subject=f"key:{key.key_id}")
    assert proved.count() == 2
    assert not Entry.objects.filter(verb="act.recorded", subject=f"key:{key.key_id}").exists()


def test_a_cookie_alone_enrols_nothing(cast):
    """Mallory has Ben's session and a device of her own: the device proves itself, and nobody vouches for it."""
    device = Authenticator()
    found = offer(cast.ben, device)

    said = prove(cast.ben, device, found).result

    assert said["owes"] == ["own-key"]
    assert registry.current().key(found.key_id) is None
    with pytest.raises(RefusedError, match="not list this key as yours"):
        handed_out(cast.ben, found, cast.mallory.key.key_id)


def test_another_persons_key_does_not_vouch(cast):
    device = Authenticator()
    found = offer(cast.ben, device)
    prove(cast.ben, device, found)
    statement = handed_out(cast.ben, found, cast.ben.key.key_id)

    with pytest.raises(RefusedError, match="somebody else's key"):
        record_act(cast.mallory.sign(statement, ACT_PAYLOAD), session=HERE, actor=cast.ben.actor)
    with pytest.raises(RefusedError):
        record_act(cast.mallory.sign(statement, ACT_PAYLOAD), session=HERE, actor=cast.mallory.actor)


def test_the_first_key_needs_no_older_one_on_this_computer_alone(cast, settings):
    settings.EMBEDDED = True
    person = add_person("nia", "Nia", ["approver"], actor=SYSTEM)
    nia = Member(person=person, private=Ed25519PrivateKey.generate(), key=cast.ben.key)
    device = Authenticator()
    found = offer(nia, device)

    assert enrolments.owes(found) == ["proof"]
    settings.EMBEDDED = False
    assert enrolments.owes(found) == ["proof", "invitation"]
    settings.EMBEDDED, settings.PUBLIC_URL = True, "https://ops.example.org"
    assert enrolments.owes(found) == ["proof", "invitation"]
    settings.PUBLIC_URL = "http://localhost:8000"
    assert prove(nia, device, found).result["state"] == "LISTED"


def test_a_key_that_did_not_prove_itself_is_not_listed(cast):
    device, other = Authenticator(), Authenticator()
    found = offer(cast.ben, device)
    vouch(cast.ben, found)

    assert enrolments.owes(Enrolment.objects.get(pk=found.pk)) == ["proof"]
    other.credential = device.credential
    with pytest.raises(RefusedError, match="does not hold"):
        prove(cast.ben, other, found)
    assert registry.current().key(found.key_id) is None


def test_an_act_about_another_key_than_the_one_offered_is_not_handed_out(cast):
    found = offer(cast.ben, Authenticator())

    with pytest.raises(RefusedError, match="another key"):
        handed_out(cast.ben, found, public=cast.mallory.key.public)


def test_the_options_ask_for_what_signing_needs(cast):
    enrol(cast.ben, Authenticator())

    options = begin_passkey(cast.ben.person, session=HERE, actor=cast.ben.actor)

    assert options["rp"]["id"] == "localhost"
    assert options["attestation"] == "none"
    assert options["authenticatorSelection"] == {"residentKey": "preferred", "userVerification": "required"}
    assert [alg["alg"] for alg in options["pubKeyCredParams"]] == [-8, -7, -48, -49]
    assert len(options["excludeCredentials"]) == 1


def test_a_passkey_signs_a_change_that_an_ssh_file_may_not(cast):
    device = Authenticator()
    key = enrol(cast.ben, device)
    request = propose(rollback(), actor=PLANNER)
    template = issue_template(request.pk, "approve", key.key_id, actor=cast.ben.actor)

    record_decision(request.pk, device.sign(bytes(template.statement), key.key_id), "", actor=cast.ben.actor)

    assert state_of(request) == "GRANTED"
    assert PersonKey.objects.get(pk=key.pk).sign_count == 2


def test_a_counter_that_goes_back_is_told_and_decides_nothing(cast, caplog):
    device = Authenticator()
    key = enrol(cast.ben, device)
    PersonKey.objects.filter(pk=key.pk).update(sign_count=50)
    request = propose(rollback(), actor=PLANNER)
    template = issue_template(request.pk, "approve", key.key_id, actor=cast.ben.actor)

    with caplog.at_level(logging.WARNING):
        record_decision(request.pk, device.sign(bytes(template.statement), key.key_id), "", actor=cast.ben.actor)

    assert "passkey counter went back" in caplog.text
    assert state_of(request) == "GRANTED"
    assert PersonKey.objects.get(pk=key.pk).sign_count == 50


@pytest.mark.parametrize(
    "device",
    [
        Authenticator(flags=UP),
        Authenticator(origin="http://localhost:9000"),
        Authenticator(origin="http://127.0.0.1:8000"),
        Authenticator(origin="http://sub.localhost:8000"),
        Authenticator(origin="https://evil.example"),
        Authenticator(rp_id="evil.example"),
        Authenticator(rp_id="sub.localhost"),
    ],
    ids=[
        "no user verification",
        "wrong port",
        "IP address",
        "sibling subdomain",
        "another site",
        "another relying party",
        "a subdomain's relying party",
    ],
)
def test_a_passkey_of_another_kind_or_place_is_refused(cast, device):
    with pytest.raises(RefusedError, match="not accepted"):
        offer(cast.ben, device)


def test_a_challenge_is_for_one_use(cast):
    options = begin_passkey(cast.ben.person, session=HERE, actor=cast.ben.actor)
    offer_passkey(cast.ben.person, Authenticator().create(options), label="a", session=HERE, actor=cast.ben.actor)

    with pytest.raises(RefusedError, match="already used"):
        offer_passkey(cast.ben.person, Authenticator().create(options), label="b", session=HERE, actor=cast.ben.actor)


def test_a_challenge_is_for_one_session_and_one_person(cast):
    options = begin_passkey(cast.ben.person, session=HERE, actor=cast.ben.actor)
    made = Authenticator().create(options)

    with pytest.raises(RefusedError, match="no question"):
        offer_passkey(cast.ben.person, made, label="a", session="another", actor=cast.ben.actor)
    with pytest.raises(RefusedError, match="no question"):
        offer_passkey(cast.cleo.person, made, label="a", session=HERE, actor=cast.cleo.actor)


def test_a_challenge_lives_five_minutes(cast, monkeypatch):
    options = begin_passkey(cast.ben.person, session=HERE, actor=cast.ben.actor)
    later = clock.now() + timedelta(minutes=5, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)

    with pytest.raises(RefusedError, match="five minutes"):
        offer_passkey(cast.ben.person, Authenticator().create(options), label="a", session=HERE, actor=cast.ben.actor)


def test_nobody_enrols_a_passkey_for_somebody_else(cast):
    with pytest.raises(NotPermittedError):
        begin_passkey(cast.ben.person, session=HERE, actor=cast.mallory.actor)


@pytest.mark.parametrize("credential", [{}, {"response": {}}, {"response": {"clientDataJSON": "AA"}}, {"response": 3}])
def test_rubbish_from_a_browser_is_refused(cast, credential):
    with pytest.raises(BadInputError):
        offer_passkey(cast.ben.person, credential, label="a", session=HERE, actor=cast.ben.actor)


def test_on_an_ip_address_the_refusal_says_what_to_do(cast, settings):
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    ensure_registry(actor=SYSTEM)

    with pytest.raises(RefusedError, match="use an SSH key"):
        begin_passkey(cast.ben.person, session=HERE, actor=cast.ben.actor)


def test_an_ssh_key_is_enrolled_by_whoever_shows_to_hold_it(cast):
    private = Ed25519PrivateKey.generate()
    found = offer_ssh(cast.ben.person, public_line(private), label="laptop", session=HERE, actor=cast.ben.actor)
    record_act(
        sidecar(private, found.key_id, handed_out(cast.ben, found), ACT_PAYLOAD), session=HERE, actor=cast.ben.actor
    )

    vouch(cast.ben, found)

    assert registry.current().key(found.key_id).person_id == cast.ben.person.pk


def test_an_ssh_key_that_did_not_sign_the_act_is_refused(cast):
    private, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    found = offer_ssh(cast.ben.person, public_line(private), label="laptop", session=HERE, actor=cast.ben.actor)
    statement = handed_out(cast.ben, found)

    for signed in (
        sidecar(other, found.key_id, statement, ACT_PAYLOAD),
        b"rubbish",
    ):
        with pytest.raises(RefusedError, match="does not hold"):
            record_act(signed, session=HERE, actor=cast.ben.actor)


def test_what_is_no_ssh_key_is_refused(cast):
    with pytest.raises(BadInputError):
        offer_ssh(cast.ben.person, "ssh-rsa AAAA", label="x", session=HERE, actor=cast.ben.actor)


def test_a_key_is_not_enrolled_for_two_people(cast):
    with pytest.raises(RefusedError, match="under another person"):
        offer_ssh(cast.mallory.person, cast.ben.key.public, label="x", session=HERE, actor=cast.mallory.actor)
