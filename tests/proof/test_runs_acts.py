"""What runs rest on besides decisions, in an export: acts, standing approvals, overrides, policies by place."""

from proof import canonical, documents
from proof.bundle import ChangeRecord, verify
from tests.proof.acts import revoke_key
from tests.proof.cast import PASSKEY, SSH, at
from tests.proof.exports import PINNED, contents, entry, packed, signed_policy
from tests.proof.factory import (
    act,
    automatic,
    change,
    decide,
    key_entry,
    person_entry,
    policy_document,
    signed_registry,
)
from tests.proof.judging import overridden
from tests.proof.test_standing import RULES, SIGNED, STANDING, restart

HIGH = change()


def told(*events):
    """Entries from events: ("run", change), ("said", change, sidecar), ("act", sidecar), ("doc", verb, name, bytes)."""
    bodies, found, sidecars, ran = [], {}, {}, set()
    for number, (what, *parts) in enumerate(events):
        if what == "run":
            bodies.append(entry(number, "run.intended", at(9, number), change=canonical.sha256(parts[0])))
            ran.add(canonical.sha256(parts[0]))
            sidecars.setdefault(canonical.sha256(parts[0]), [])
            found[canonical.sha256(parts[0])] = parts[0]
        elif what == "doc":
            verb, name, data = parts
            bodies.append(entry(number, verb, at(9, number), **{name: canonical.sha256(data)}))
            found[canonical.sha256(data)] = data
        else:
            sidecar = parts[-1]
            named = {"sidecar": canonical.sha256(sidecar)}
            if what == "said":
                named["change"] = canonical.sha256(parts[0])
                sidecars.setdefault(named["change"], []).append(named["sidecar"])
                found[named["change"]] = parts[0]
            verb = "decision.recorded" if what == "said" else "act.recorded"
            bodies.append(entry(number, verb, at(9, number), **named))
            found[named["sidecar"]] = sidecar
    records = [
        ChangeRecord(digest=digest, sidecars=tuple(named), ran=digest in ran) for digest, named in sidecars.items()
    ]
    return bodies, list(found.values()), records


def checked(*events, policies=None, **changes):
    bodies, found, records = told(*events)
    first = ChangeRecord(digest="", sidecars=(), ran=False)
    made = contents((bodies, found, first), changes=records, policies=policies or [signed_policy()], **changes)
    return verify(packed(made), PINNED)


def test_a_key_revoked_in_the_log_before_the_run_breaks_the_export():
    revocation = revoke_key("ben", SSH["ben"])

    before = checked(("said", HIGH, decide("ben", HIGH)), ("act", revocation), ("run", HIGH))
    after = checked(("said", HIGH, decide("ben", HIGH)), ("run", HIGH), ("act", revocation))

    assert (before.exit_code, "although it was PENDING" in before.findings[0]) == (1, True)
    assert after.exit_code == 0, (after.findings, after.gaps)
    assert any("revoked later, in entry 4" in remark for remark in after.remarks)


def test_an_editors_own_approval_breaks_the_export():
    authored = act("ben", documents.AUTHOR_CHANGE, f"change:{canonical.sha256(HIGH)}")

    report = checked(("said", HIGH, decide("ben", HIGH)), ("act", authored), ("run", HIGH))

    assert report.exit_code == 1


def test_the_registry_says_what_to_review():
    listed = [
        person_entry("ben", keys=[key_entry(SSH["ben"], revoked_index=5, compromised_since=4, revoked_at=at(12))])
    ]

    report = checked(("said", HIGH, decide("ben", HIGH)), ("run", HIGH), registry=[signed_registry(persons=listed)])

    assert report.exit_code == 0
    assert any("from entry 4 on it was not its owner's" in remark for remark in report.remarks)


def test_a_policy_that_had_been_replaced_before_the_run_breaks_the_export():
    newer = policy_document(version=2, created_at=at(6))
    accepting = policy_document(version=2, created_at=at(6), accepts=[canonical.sha256(policy_document())])
    for policy, code in ((newer, 1), (accepting, 0)):
        changes = {"version": 2, "created_at": at(6), "accepts": canonical.loads(policy).get("accepts", [])}
        if not changes["accepts"]:
            del changes["accepts"]
        both = [signed_policy(), signed_policy(**changes)]
        events = [("said", HIGH, decide("ben", HIGH)), ("doc", "policy.activated", "policy", policy), ("run", HIGH)]
        report = checked(*events, policies=both)
        assert report.exit_code == code, report.findings


def standing_run(number):
    plan = restart(id=f"{number:032x}")
    return plan, automatic(plan, standing=canonical.sha256(STANDING))


def test_runs_under_a_standing_approval_are_counted_in_the_log():
    events = [("doc", "standing.opened", "standing", STANDING), ("act", SIGNED)]
    for number in (1, 2):
        plan, decision = standing_run(number)
        events += [("said", plan, decision), ("run", plan)]
    policies = [(RULES, signed_policy_bytes(RULES))]

    once, twice = checked(*events[:4], policies=policies), checked(*events, policies=policies)

    assert once.exit_code == 0, once.findings
    assert any("1 of 10" in remark for remark in once.remarks)
    assert any("too soon" in finding for finding in twice.findings)


def signed_policy_bytes(data):
    from proof.multisig import sign_with_ed25519
    from tests.proof.cast import ROOT

    return sign_with_ed25519(ROOT, documents.POLICY_PAYLOAD, data)


def test_an_override_is_told_and_a_second_one_while_it_is_open_breaks_the_export():
    rules = policy_document(override={"allowed": True, "expires_s": 600, "review_s": 86400})
    people = [person_entry("ben", roles=["override"]), person_entry("cleo"), person_entry("dan")]
    plans = [change(policy=rules, people=2, id=f"{number:032x}") for number in (1, 2)]
    made = [overridden("ben", plan, signer=PASSKEY["ben"]) for plan in plans]
    events = [("said", plans[0], made[0]), ("run", plans[0])]
    options = {"policies": [(rules, signed_policy_bytes(rules))], "registry": [signed_registry(persons=people)]}

    one = checked(*events, **options)
    two = checked(*events, ("said", plans[1], made[1]), ("run", plans[1]), **options)

    assert one.exit_code == 0, one.findings
    assert any("override of ben: open" in remark for remark in one.remarks)
    assert (two.exit_code, "not been reviewed" in two.findings[0]) == (1, True)


def test_what_a_policy_for_one_person_let_run_is_called_single_handed():
    rules = policy_document(solo=True)
    plan = change(policy=rules, proposer={"kind": "person", "id": "ben"})
    report = checked(("said", plan, decide("ben", plan)), ("run", plan), policies=[(rules, signed_policy_bytes(rules))])

    assert report.exit_code == 0, report.findings
    assert any("single-handed" in remark for remark in report.remarks)
