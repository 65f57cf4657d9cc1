import pytest

from proof.bundle import verify
from tests.proof.cast import POLICY, SSH, at
from tests.proof.exports import PINNED, contents, entry, packed, selection, signed_policy, story
from tests.proof.factory import (
    automatic,
    change,
    decide,
    key_entry,
    limit,
    person_entry,
    policy_document,
    restart,
    signed_registry,
    step,
)


def checked(told=None, make=contents, **changes):
    return verify(packed(make(told, **changes)), PINNED)


@pytest.mark.parametrize("make", [contents, selection])
def test_a_change_that_ran_unsigned_breaks_the_export(make):
    report = checked(story(sidecars=[]), make)

    assert report.exit_code == 1
    assert "although it was PENDING" in report.findings[0]


def test_a_rejected_change_that_ran_breaks_the_export():
    high = change()

    report = checked(story(high, [decide("ben", high), decide("cleo", high, "reject")]))

    assert "although it was REJECTED" in report.findings[0]


def test_a_signature_recorded_after_the_run_does_not_help():
    high = change()

    report = checked(story(high, [], late=[decide("ben", high)]))

    assert "although it was PENDING" in report.findings[0]


def test_a_rejection_recorded_after_the_run_does_not_harm():
    high = change()

    assert checked(story(high, late=[decide("cleo", high, "reject")])).exit_code == 0


def test_a_tier_below_the_floor_breaks_the_export_whatever_the_policy_service_signed():
    low = change(tier="LOW", people=0)

    report = checked(story(low, [automatic(low)]))

    assert "although it was INVALID" in report.findings[0]


def test_an_automatic_decision_within_its_limits_is_fine():
    medium = restart()

    assert checked(story(medium, [automatic(medium)])).exit_code == 0


def test_a_policy_signed_by_a_service_key_is_refused():
    loose = {"limits": [limit("config.rollback", "LOW", 0, auto=True)]}
    low = change(tier="LOW", people=0, policy=policy_document(**loose))

    report = checked(story(low, [automatic(low)]), policies=[signed_policy(POLICY, **loose)])

    assert "policy/0001.json" in report.findings[0]


def test_an_older_policy_than_the_one_in_force_is_noticed():
    strict = {"version": 2, "created_at": at(4), "limits": []}

    report = checked(policies=[signed_policy(), signed_policy(**strict)])

    assert "not in force" in report.findings[0]
    later = {**strict, "created_at": at(20)}
    assert checked(policies=[signed_policy(), signed_policy(**later)]).exit_code == 0


def test_policies_come_in_the_order_of_their_versions():
    assert "does not come after" in checked(policies=[signed_policy(), signed_policy(cool_down_s=1)]).findings[0]


@pytest.mark.parametrize(("when", "why"), [(at(46), "EXPIRED"), (at(6), "before the time")])
def test_a_run_outside_its_time_is_noticed(when, why):
    high = change(not_before=at(7), created_at=at(5))

    report = checked(story(high, ran_at=when))

    assert any(why in finding for finding in report.findings)


def test_a_key_revoked_after_the_run_is_remarked_and_one_revoked_before_does_not_count():
    first = signed_registry()
    for moment, code in ((at(20), 0), (at(9), 1)):
        second = signed_registry(
            version=2,
            previous_sha256=registry_digest(first),
            created_at=moment,
            persons=[person_entry("ben", keys=[key_entry(SSH["ben"], revoked_at=moment)])],
        )
        report = checked(registry=[first, second])
        assert report.exit_code == code
        assert code or "revoked later" in report.as_text()


def registry_digest(version):
    from proof import canonical

    return canonical.sha256(version[0])


def test_a_run_before_there_was_a_registry_cannot_be_judged():
    assert checked(registry=[signed_registry(created_at=at(20))]).exit_code == 2


def test_what_is_needed_and_missing_makes_the_export_incomplete():
    told = story()

    for kept in (told[1][1:], told[1][:1]):
        report = checked(told, documents=kept)
        assert report.gaps
        assert report.exit_code in {1, 2}
    assert checked(told, documents=told[1][1:]).exit_code == 2
    assert checked(told, policies=[]).exit_code == 2


def test_the_exporters_list_must_agree_with_the_ledger():
    bodies, found, record = story()

    assert "leaves out" in checked(changes=[]).findings[0]
    denial = type(record)(digest=record.digest, sidecars=record.sidecars, ran=False)
    assert "something else" in checked((bodies, found, denial)).findings[0]


def test_a_run_that_names_no_change_is_noticed():
    bodies, found, record = story()
    bodies[-1] = entry(9, "run.intended", at(10), evidence=record.digest)

    assert "does not name one change" in checked((bodies, found, record)).findings[0]


def test_a_run_of_something_that_is_no_change_is_noticed():
    high = change()
    bodies, _, record = story(high)
    from proof import canonical

    bodies[-1] = entry(9, "run.intended", at(10), change=canonical.sha256(b"{}"))
    assert any("is not a change" in item for item in checked((bodies, [b"{}", high], record)).findings)


def test_what_no_limit_names_needs_three():
    unlisted = change(tier="CRITICAL", people=3, steps=[step("kernel.patch")])

    assert checked(story(unlisted, [decide("ben", unlisted)])).exit_code == 1
