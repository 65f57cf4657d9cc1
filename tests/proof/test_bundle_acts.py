"""What a bundle tells of acts, standing approvals, overrides, erasures and the executor's own word."""

import pytest

from proof import canonical, documents, erasure
from proof.bundle import ChangeRecord, verify
from proof.documents.run import INTENT, INTENT_PAYLOAD, RESULT, RESULT_PAYLOAD
from proof.executor import sign_as_executor
from tests.proof import factory
from tests.proof.acts import revoke_key
from tests.proof.cast import LOG, PASSKEY, SSH, at, service_key
from tests.proof.exports import FACTS, PINNED, SALT, contents, entry, packed, signed_policy, story
from tests.proof.factory import change, decide, policy_document, signed_registry
from tests.proof.judging import overridden

EXECUTOR = service_key("executor")


def told_of(bodies, found=(), record=None, **changes):
    record = record or ChangeRecord(digest="00" * 32, sidecars=(), ran=False)
    changes.setdefault("changes", [record] if record.ran else [])
    return verify(packed(contents((bodies, list(found), record), **changes)), PINNED)


def acted(number, sidecar, when):
    return entry(number, "act.recorded", when, sidecar=canonical.sha256(sidecar))


def test_a_key_that_was_revoked_later_is_named_with_its_entry():
    bodies, found, record = story()
    revoked = revoke_key("ben", SSH["ben"])

    report = told_of([*bodies, acted(60, revoked, at(12))], [*found, revoked], record)

    assert report.exit_code == 0
    assert "was revoked later, in entry 5." in report.as_text()


def test_a_key_that_was_revoked_before_the_run_breaks_the_export():
    bodies, found, record = story()
    revoked = revoke_key("ben", SSH["ben"])

    report = told_of([*bodies, acted(60, revoked, at(9, 30))], [*found, revoked], record)

    assert "although it was PENDING" in report.findings[0]


def test_who_decided_is_told_by_name_of_the_key_and_its_class():
    report = told_of(*story())

    assert report.changes[0].by == (f"approve by ben with ssh-file {SSH['ben'].key_id[:12]}",)


def test_an_override_is_told_as_single_handed_and_whether_others_looked():
    rules = policy_document(override={"allowed": True, "expires_s": 3600, "review_s": 86_400})
    high = change(policy=rules)
    people = [
        factory.person_entry(name, roles=["approver", "operator", *(["override"] if name == "ben" else [])])
        for name in factory.NAMES
    ]
    sidecar = overridden("ben", high, signer=PASSKEY["ben"])
    told = story(high, [sidecar])
    given = {
        "registry": [signed_registry(persons=people)],
        "policies": [signed_policy(override={"allowed": True, "expires_s": 3600, "review_s": 86_400})],
    }

    report = told_of(*told, **given)

    assert report.findings == []
    assert report.changes[0].by[0].startswith("single-handed: approve by ben with webauthn")
    assert "ran by the override of ben: open" in report.as_text()


def intent(digest, size, *, key=EXECUTOR, **changes):
    value = {
        "_type": INTENT, "change": digest, "nonce": "66" * 16, "run": "run:7", "size": size, "root": "",
        "audience": "executor:lab", "at": at(10),
    }  # fmt: skip
    return sign_as_executor(key, INTENT_PAYLOAD, canonical.dumps({**value, **changes}))


def result(digest, intended, *, key=EXECUTOR, **changes):
    value = {
        "_type": RESULT, "change": digest, "run": "run:7", "intent": canonical.sha256(intended), "outcome": "done",
        "steps": [], "watching_since": "", "audience": "executor:lab", "at": at(11),
    }  # fmt: skip
    return sign_as_executor(key, RESULT_PAYLOAD, canonical.dumps({**value, **changes}))


def executed(intended=None, ended=None, **changes):
    """A run with the executor's signed intent and result."""
    bodies, found, record = story()
    intended = intended or intent(record.digest, 3)
    ended = ended or result(record.digest, intended)
    named = {"change": record.digest, "intent": canonical.sha256(intended)}
    run = entry(2, "run.intended", at(10), **named)
    about = canonical.loads(entry(70, "executor.result", at(11), result=canonical.sha256(ended)))
    end = canonical.dumps({**about, "about": [f"change:{record.digest}"]})
    registry = [signed_registry(services=[*services(), factory.service_entry("executor", EXECUTOR)])]
    given = {"registry": registry, **changes}
    return told_of([*bodies[:2], run, end], [*found, intended, ended], record, **given)


def services():
    return canonical.loads(factory.registry_document(), max_bytes=4_000_000)["services"]


def test_how_it_ended_is_told_by_the_signature_of_the_executor():
    report = executed()

    assert report.findings == []
    assert report.changes[0].result.startswith("done, 0 steps, signed by the executor")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (lambda digest: {"intended": intent(digest, 3, key=LOG)}, "another key than the executor's"),
        (lambda digest: {"intended": intent("ab" * 32, 3)}, "for another change"),
        (lambda digest: {"intended": intent(digest, 9)}, "knows more of the log"),
        (lambda digest: {"ended": result(digest, intent(digest, 3), key=LOG)}, "another key than the executor's"),
        (lambda digest: {"ended": result("ab" * 32, intent(digest, 3))}, "of another change"),
        (lambda digest: {"ended": result(digest, b"other")}, "an intent that the log does not hold"),
        (lambda digest: {"ended": intent(digest, 3)}, "malformed"),
    ],
)
def test_what_the_executor_did_not_sign_is_a_finding(given, why):
    report = executed(**given(story()[2].digest))

    assert any(why in finding for finding in report.findings), report.findings


def erasing(signers=("ben", "cleo"), *, uid="0" * 31 + "1", committed=None, **changes):
    """Entry 1's facts are erased by entry 4; all others' facts go along."""
    bodies, found, record = story()
    listed = erasure.write_list("mallory", {uid: committed or documents.commitment(SALT, FACTS)})
    orders = [
        factory.act(name, "erase", "person:mallory", particulars={"commitments": canonical.sha256(listed)})
        for name in signers
    ]
    named = {f"act-{number}": canonical.sha256(order) for number, order in enumerate(orders, start=1)}
    order = canonical.loads(entry(80, "person.erased", at(14), erasure=canonical.sha256(listed), **named))
    bodies = [*bodies, canonical.dumps({**order, "subject": "person:mallory"})]
    people = [
        factory.person_entry(name, roles=["approver", *(["key-admin"] if name in {"ben", "cleo"} else [])])
        for name in factory.NAMES
    ]
    uids = [documents.parse_entry(body).uid for body in [*bodies, entry(1000, "x.y", at(0)), entry(1001, "x.y", at(0))]]
    facts = {uid: (FACTS, SALT) for uid in uids if uid != "0" * 31 + "1"}
    given = {"registry": [signed_registry(persons=people)], "every_fact": True, "facts": facts, **changes}
    return told_of(bodies, [*found, listed, *orders], record, **given)


def test_facts_that_two_key_admins_erased_are_told_with_the_order():
    report = erasing()

    assert report.exit_code == 0, report.findings
    assert "The facts of entry 3 were erased by entry 5." in report.as_text()


def test_facts_that_nobody_ordered_to_erase_are_a_finding():
    report = erasing(uid="f" * 32)
    assert "The facts of entry 3 are missing, and nobody ordered that." in report.findings

    assert "missing, and nobody" in erasing(committed="ab" * 32).findings[0]


def test_an_order_of_one_key_admin_erases_nothing():
    report = erasing(signers=("ben",))

    assert any("its order does not hold" in finding for finding in report.findings)
    assert any("missing, and nobody ordered" in finding for finding in report.findings)


def test_a_version_of_the_registry_that_the_log_does_not_name_is_a_finding():
    bodies, found, record = story()
    hidden = contents((bodies, found, record))
    entries = [pair for pair in hidden.entries if b"registry.published" not in pair[1]]
    from proof import checkpoint, merkle
    from tests.proof.exports import ORIGIN

    root = merkle.root(merkle.leaf_hash(body) for _, body in entries)
    head = checkpoint.sign(checkpoint.Checkpoint(origin=ORIGIN, size=len(entries), root=root), LOG)
    whole = contents(
        (bodies, found, record),
        entries=list(enumerate(body for _, body in entries)),
        checkpoint=head,
        last=len(entries),
    )

    assert "Not every version of the registry" in verify(packed(whole), PINNED).findings[0]


def test_local_mode_is_named_in_the_report():
    assert "One program on one computer held every service key" in told_of(*story()).as_text()


def test_a_rejected_statement_of_another_change_is_not_in_the_way():
    bodies, found, record = story()
    other = decide("cleo", change(id="ab" * 16, intent="Something else."), "reject")
    extra = entry(61, "decision.recorded", at(9), sidecar=canonical.sha256(other))

    assert told_of([*bodies, extra], [*found, other], record).exit_code == 0
