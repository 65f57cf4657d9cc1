"""Acts (issue_act_template, record_act): handed out once, to one person, in one session; taken back byte for byte."""

import json
from datetime import timedelta

import pytest

from approvals import acts, registry
from approvals.models import SignedAct
from approvals.services.issue_act_template import issue_act_template
from approvals.services.record_act import record_act
from audit.models import Entry
from core import clock
from core.actors import PLANNER
from core.errors import BadInputError, ConsoleError, NotPermittedError, RefusedError
from proof.documents import ACT_PAYLOAD, parse_act
from proof.envelope import pae
from proof.signatures import ssh_sidecar
from proof.sshsig import sign
from tests.approvals.cast import sidecar

pytestmark = pytest.mark.django_db
REASON = {"reason": "lost", "compromised_since": ""}


def handed_out(member, subject="", session="here", **particulars) -> bytes:
    subject = subject or f"key:{member.key.key_id}"
    row = issue_act_template(
        "revoke-key", subject, particulars or REASON, member.key.key_id, session=session, actor=member.actor
    )
    return bytes(row.statement)


def hand_in(member, data, session="here"):
    return record_act(member.sign(data, ACT_PAYLOAD), session=session, actor=member.actor)


def test_an_act_is_recorded_with_its_signature_and_told_in_a_sentence(cast):
    row = hand_in(cast.ben, handed_out(cast.ben))

    entry = Entry.objects.get(verb="act.recorded")
    assert (entry.uid, entry.subject) == (row.entry_uid, f"key:{cast.ben.key.key_id}")
    assert b"lost" not in bytes(entry.body)
    assert (row.kind, row.person_id) == ("revoke-key", cast.ben.person.pk)


def test_the_bytes_say_who_which_key_which_installation_and_where_the_log_stood(cast):
    act = parse_act(handed_out(cast.ben))

    assert (act.person_id, act.key_id) == (cast.ben.person.pk, cast.ben.key.key_id)
    assert act.registry_version == registry.current().version
    assert act.log[0].startswith("countersign/")
    assert act.value("reason") == "lost"


def test_the_same_act_twice_is_done_once(cast):
    data = handed_out(cast.ben)

    assert hand_in(cast.ben, data) == hand_in(cast.ben, data)
    assert SignedAct.objects.count() == Entry.objects.filter(verb="act.recorded").count() == 1


def test_one_changed_byte_is_refused(cast):
    data = handed_out(cast.ben)

    with pytest.raises(RefusedError, match="not the bytes"):
        hand_in(cast.ben, data.replace(b"lost", b"cost"))


def test_an_act_that_nobody_handed_out_is_refused(cast):
    data = acts.template(
        "revoke-key",
        f"key:{cast.ben.key.key_id}",
        REASON,
        by=(cast.ben.person.pk, cast.ben.key.key_id),
        registry_version=registry.current().version,
        issued_at=clock.now(),
    )
    with pytest.raises(RefusedError, match="not the bytes"):
        hand_in(cast.ben, data)


def test_another_session_cannot_hand_it_in(cast):
    data = handed_out(cast.ben, session="bens")

    with pytest.raises(RefusedError, match="not the bytes"):
        hand_in(cast.ben, data, session="mallorys")


def test_five_minutes_are_enough(cast, monkeypatch):
    data = handed_out(cast.ben)
    later = clock.now() + timedelta(minutes=5, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)

    with pytest.raises(RefusedError, match="five minutes"):
        hand_in(cast.ben, data)


def test_somebody_elses_signature_is_not_mine(cast):
    data = handed_out(cast.ben)

    with pytest.raises(RefusedError, match="somebody else's key"):
        record_act(cast.mallory.sign(data, ACT_PAYLOAD), session="here", actor=cast.ben.actor)
    with pytest.raises(RefusedError, match="somebody else's key"):
        record_act(cast.ben.sign(data, ACT_PAYLOAD), session="here", actor=cast.mallory.actor)
    forged = sidecar(cast.mallory.private, cast.ben.key.key_id, data, ACT_PAYLOAD)
    with pytest.raises(RefusedError, match="does not hold"):
        record_act(forged, session="here", actor=cast.ben.actor)


@pytest.mark.parametrize("namespace", ["countersign-act-v1", "countersign-decision-v1", "git"])
def test_a_signature_for_another_purpose_is_none(cast, namespace):
    data = handed_out(cast.ben)
    armored = sign(cast.ben.private, namespace, pae(ACT_PAYLOAD, data))

    with pytest.raises(RefusedError, match="does not hold"):
        record_act(ssh_sidecar(data, armored, cast.ben.key.key_id, ACT_PAYLOAD), session="here", actor=cast.ben.actor)


def test_a_decision_is_not_taken_for_an_act(cast):
    data = handed_out(cast.ben)

    with pytest.raises(RefusedError):
        record_act(cast.ben.sign(data), session="here", actor=cast.ben.actor)


def test_unknown_acts_and_programs_are_refused(cast):
    with pytest.raises(BadInputError):
        issue_act_template("dance", "key:x", {}, cast.ben.key.key_id, session="s", actor=cast.ben.actor)
    with pytest.raises(NotPermittedError):
        issue_act_template("revoke-key", "key:x", {}, cast.ben.key.key_id, session="s", actor=PLANNER)


@pytest.mark.parametrize("subject", ["key:", "person:x", "key:" + "0" * 64])
def test_an_act_about_nothing_is_not_handed_out(cast, subject):
    with pytest.raises(ConsoleError):
        handed_out(cast.ben, subject)


def test_rubbish_is_refused(cast):
    for data in (b"", b"{}", json.dumps({"_type": "x"}).encode(), b"\xff"):
        with pytest.raises(RefusedError):
            record_act(data, session="here", actor=cast.ben.actor)


def test_a_revoked_key_signs_no_act(cast):
    data = handed_out(cast.ben, subject=f"key:{cast.ben.key.key_id}")
    other = handed_out(cast.ben, reason="again", compromised_since="")
    hand_in(cast.ben, data)

    with pytest.raises(ConsoleError, match="revoked"):
        hand_in(cast.ben, other)
