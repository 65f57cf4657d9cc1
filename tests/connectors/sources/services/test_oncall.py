import pytest


@pytest.mark.parametrize(
    ("state", "status"), [("alerting", "firing"), ("ok", "resolved"), ("resolved", "resolved"), ("?", "unclassified")]
)
def test_the_state_of_a_formatted_webhook(read, state, status):
    assert read("oncall", {"alert_uid": "u", "title": "Full", "state": state}).events[0].status == status


def test_words_of_the_title_never_decide(read):
    assert read("oncall", {"title": "OK: resolved", "state": "alerting"}).events[0].status == "firing"
