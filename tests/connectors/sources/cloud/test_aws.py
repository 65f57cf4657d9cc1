import json
from datetime import UTC, datetime

from connectors.base import RawDelivery
from connectors.sources.cloud.aws import Aws

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def parse(value):
    return Aws().parse(RawDelivery(uid="d", source="s", received_at=NOW, value=value))


def alarm(**fields):
    return {"AlarmName": "a", "AWSAccountId": "1", "Region": "EU (Ireland)", "NewStateValue": "ALARM"} | fields


def sent(message, **fields):
    return {"Type": "Notification", "TopicArn": "arn:aws:sns:eu-west-1:1:t", "Message": json.dumps(message)} | fields


def test_the_subject_never_decides_the_status():
    assert parse(sent(alarm(NewStateValue="OK"), Subject="ALARM: a")).events[0].status == "resolved"


def test_an_unknown_state_is_unclassified():
    parsed = parse(alarm(NewStateValue="SLEEPING"))

    assert parsed.events[0].status == "unclassified"
    assert "'SLEEPING'" in parsed.warnings[0]


def test_alarms_of_one_name_in_two_accounts_or_regions_are_two():
    told = [alarm(), alarm(AWSAccountId="2"), alarm(Region="US East (Ohio)"), alarm(AlarmContributorId="c")]

    assert len({parse(one).events[0].fingerprint for one in told}) == 4


def test_wrapping_has_an_end():
    value = alarm()
    for _ in range(6):
        value = sent(value)

    assert parse(value).outcome == "ignored"


def test_a_broken_message_is_told_and_loses_nothing_else():
    parsed = parse({"Records": [{"Sns": {"Message": "{broken"}}, {"Sns": {"Message": json.dumps(alarm())}}]})

    assert [event.title for event in parsed.events] == ["a"]
    assert any("not read" in warning for warning in parsed.warnings)


def test_the_numbers_of_guard_duty_are_grades():
    def grade(number):
        return {"detail-type": "GuardDuty Finding", "detail": {"id": "1", "title": "t", "severity": number}}

    told = [parse(grade(number)).events[0] for number in (9.5, 7, "4.0", 1, None)]

    assert [event.severity for event in told] == ["critical", "high", "warning", "info", "warning"]
    assert told[-1].severity_source == "default"
