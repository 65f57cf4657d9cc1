"""Enrolling: begin_enrolment hands a challenge out, finish_enrolment takes it once, from the same person and place."""

import logging
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from approvals import possession, registry
from approvals.models import PersonKey
from approvals.services.begin_enrolment import begin_passkey, begin_ssh
from approvals.services.ensure_registry import ensure_registry
from approvals.services.finish_enrolment import finish_passkey, finish_ssh
from approvals.services.issue_template import issue_template
from approvals.services.propose import propose
from approvals.services.record_decision import record_decision
from audit.models import Entry
from core import clock
from core.actors import PLANNER, SYSTEM
from core.errors import BadInputError, NotPermittedError, RefusedError
from proof import sshsig
from tests.approvals.authenticator import BE, UP, UV, Authenticator
from tests.approvals.cast import Member, public_line
from tests.approvals.decisions import state_of
from tests.approvals.plans import rollback

pytestmark = pytest.mark.django_db
HERE = "session-1"


def enrol(member: Member, device: Authenticator, session: str = HERE) -> PersonKey:
    options = begin_passkey(member.person, session=HERE, actor=member.actor)
    return finish_passkey(member.person, device.create(options), label="laptop", session=session, actor=member.actor)


def test_a_passkey_is_enrolled_with_its_site_and_whether_it_can_be_copied(cast):
    key = enrol(cast.ben, Authenticator(flags=UP | UV | BE))

    found = registry.current().key(key.key_id)
    assert (found.key_class, found.person_id, found.backup_eligible) == ("webauthn", cast.ben.person.pk, True)
    assert (found.rp_id, found.origins) == ("localhost", ("http://localhost:8000",))
    assert Entry.objects.filter(verb="key.enrolled", subject=f"key:{key.key_id}").exists()


def test_the_options_ask_for_what_signing_needs(cast):
    enrol(cast.ben, Authenticator())

    options = begin_passkey(cast.ben.person, session=HERE, actor=cast.ben.actor)

    assert options["rp"]["id"] == "localhost"
    assert options["attestation"] == "none"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "preferred"
    assert [alg["alg"] for alg in options["pubKeyCredParams"]] == [-7, -8]
    assert len(options["excludeCredentials"]) == 1


def test_a_passkey_signs_a_change_that_an_ssh_file_may_not(cast):
    device = Authenticator()
    key = enrol(cast.ben, device)
    request = propose(rollback(), actor=PLANNER)
    template = issue_template(request.pk, "approve", key.key_id, actor=cast.ben.actor)

    record_decision(request.pk, device.sign(bytes(template.statement), key.key_id), "", actor=cast.ben.actor)

    assert state_of(request) == "GRANTED"
    assert PersonKey.objects.get(pk=key.pk).sign_count == 1


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
        Authenticator(origin="https://evil.example"),
        Authenticator(rp_id="evil.example"),
    ],
    ids=["no user verification", "wrong port", "another site", "another relying party"],
)
def test_a_passkey_of_another_kind_or_place_is_refused(cast, device):
    with pytest.raises(RefusedError, match="not accepted"):
        enrol(cast.ben, device)


def test_a_challenge_is_for_one_use(cast):
    options = begin_passkey(cast.ben.person, session=HERE, actor=cast.ben.actor)
    finish_passkey(cast.ben.person, Authenticator().create(options), label="a", session=HERE, actor=cast.ben.actor)

    with pytest.raises(RefusedError, match="already used"):
        finish_passkey(cast.ben.person, Authenticator().create(options), label="b", session=HERE, actor=cast.ben.actor)


def test_a_challenge_is_for_one_session_and_one_person(cast):
    options = begin_passkey(cast.ben.person, session=HERE, actor=cast.ben.actor)
    made = Authenticator().create(options)

    with pytest.raises(RefusedError, match="no question"):
        finish_passkey(cast.ben.person, made, label="a", session="another", actor=cast.ben.actor)
    with pytest.raises(RefusedError, match="no question"):
        finish_passkey(cast.cleo.person, made, label="a", session=HERE, actor=cast.cleo.actor)


def test_a_challenge_lives_five_minutes(cast, monkeypatch):
    options = begin_passkey(cast.ben.person, session=HERE, actor=cast.ben.actor)
    later = clock.now() + timedelta(minutes=5, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)

    with pytest.raises(RefusedError, match="five minutes"):
        finish_passkey(cast.ben.person, Authenticator().create(options), label="a", session=HERE, actor=cast.ben.actor)


def test_nobody_enrols_a_passkey_for_somebody_else(cast):
    with pytest.raises(NotPermittedError):
        begin_passkey(cast.ben.person, session=HERE, actor=cast.mallory.actor)


@pytest.mark.parametrize("credential", [{}, {"response": {}}, {"response": {"clientDataJSON": "AA"}}, {"response": 3}])
def test_rubbish_from_a_browser_is_refused(cast, credential):
    with pytest.raises(BadInputError):
        finish_passkey(cast.ben.person, credential, label="a", session=HERE, actor=cast.ben.actor)


def test_on_an_ip_address_the_refusal_says_what_to_do(cast, settings):
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    ensure_registry(actor=SYSTEM)

    with pytest.raises(RefusedError, match="SSH key"):
        begin_passkey(cast.ben.person, session=HERE, actor=cast.ben.actor)


def test_an_ssh_key_is_enrolled_by_whoever_shows_to_hold_it(cast):
    private = Ed25519PrivateKey.generate()
    statement = begin_ssh(cast.ben.person, public_line(private), session=HERE, actor=cast.ben.actor)
    signature = sshsig.sign(private, possession.NAMESPACE, statement)

    key = finish_ssh(cast.ben.person, statement, signature, label="laptop", session=HERE, actor=cast.ben.actor)

    assert registry.current().key(key.key_id).person_id == cast.ben.person.pk


def test_an_ssh_key_that_did_not_sign_the_statement_is_refused(cast):
    private, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    statement = begin_ssh(cast.ben.person, public_line(private), session=HERE, actor=cast.ben.actor)

    for signature in (
        sshsig.sign(other, possession.NAMESPACE, statement),
        sshsig.sign(private, "git", statement),
        sshsig.sign(private, possession.NAMESPACE, statement + b" "),
        "rubbish",
    ):
        with pytest.raises(RefusedError, match="does not show that you hold"):
            finish_ssh(cast.ben.person, statement, signature, label="x", session=HERE, actor=cast.ben.actor)
    with pytest.raises(BadInputError):
        finish_ssh(cast.ben.person, b"{}", "", label="x", session=HERE, actor=cast.ben.actor)


def test_what_is_no_ssh_key_is_refused(cast):
    with pytest.raises(BadInputError):
        begin_ssh(cast.ben.person, "ssh-rsa AAAA", session=HERE, actor=cast.ben.actor)
