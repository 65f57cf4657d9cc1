import pytest


def body(action="Create", **alert):
    return {"action": action, "alert": {"alertId": "a", "message": "Full", "createdAt": 1767225600000} | alert}


@pytest.mark.parametrize("action", ["AssignOwnership", "AddTags", "Escalate", "EscalateNext", "CustomAction", "Delete"])
def test_what_leaves_the_state_alone_is_ignored(read, action):
    assert read("opsgenie", body(action)).outcome == "ignored"


def test_an_action_of_a_name_of_ones_own_is_ignored(read):
    assert read("opsgenie", body("Teleport")).outcome == "ignored"


def test_a_clock_in_nanoseconds_is_read(read):
    (event,) = read("opsgenie", body("Close", updatedAt=1767225661000000962)).events

    assert event.ends_at.isoformat() == "2026-01-01T00:01:01+00:00"
