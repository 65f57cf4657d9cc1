from datetime import timedelta

import pytest

from proof.quorum import State, evaluate
from tests.proof.cast import NOW, POLICY, service_key
from tests.proof.factory import (
    automatic,
    change,
    decide,
    limit,
    policy_document,
    recorded,
    registry,
    restart,
    service_entry,
    step,
)

HIGH = change()
CRITICAL = change(tier="CRITICAL", people=3, steps=[step("database.drop")])


def judge(change_bytes, sidecars, *, now=NOW, policy=None, people=None):
    return evaluate(
        change_bytes,
        recorded(sidecars),
        people or registry(),
        policy or policy_document(),
        now=now,
        audience="executor:lab",
    )


def test_policy_decides_alone_where_it_may():
    medium = restart()

    verdict = judge(medium, [automatic(medium)])

    assert (verdict.state, verdict.needed) == (State.GRANTED, 0)
    assert verdict.counted[0][0] == ""
    assert judge(medium, []).state is State.PENDING
    assert judge(medium, [decide("ben", medium)]).state is State.GRANTED
    assert judge(medium, [automatic(medium), decide("ben", medium, "reject")]).state is State.REJECTED
    assert judge(medium, [automatic(medium)], now=NOW + timedelta(hours=1)).state is State.EXPIRED


def test_policy_decides_nothing_high():
    for data in (HIGH, CRITICAL, change(tier="HIGH", people=1, steps=[step("service.restart")])):
        verdict = judge(data, [automatic(data)])

        assert (verdict.state, "alone" in verdict.reasons[0]) == (State.PENDING, True)


def test_no_policy_can_lift_the_ceiling_of_automatic_decisions():
    policy = policy_document(
        limits=[limit("config.rollback", "HIGH", 0, auto=True)],
        auto={"max_tier": "CRITICAL", "per_hour": 9, "per_target_per_hour": 9},
    )
    high = change(policy=policy, people=0)

    assert judge(high, [automatic(high)], policy=policy).state is State.PENDING


def test_policy_does_not_decide_where_it_asked_for_people():
    medium = change(tier="MEDIUM", people=1, steps=[step("service.restart")])

    assert judge(medium, [automatic(medium)]).state is State.PENDING


@pytest.mark.parametrize(
    "scope", [{"max_tier": "LOW"}, {"max_tier": ""}, {"audience": "executor:production"}, {"audience": ""}]
)
def test_the_policy_service_stays_within_its_scope(scope):
    medium = restart()
    entry = {"max_tier": "MEDIUM", "audience": "executor:lab", **scope}
    people = registry(services=[service_entry("policy", POLICY, **entry)])

    assert judge(medium, [automatic(medium)], people=people).state is State.PENDING


def test_other_services_and_strangers_do_not_decide():
    medium = restart()
    people = registry(
        services=[
            service_entry("policy", POLICY, max_tier="MEDIUM", audience="executor:lab"),
            service_entry("executor", service_key("executor"), max_tier="MEDIUM", audience="executor:lab"),
        ]
    )

    for name in ("executor", "stranger"):
        assert judge(medium, [automatic(medium, service_key(name))], people=people).state is State.PENDING
