"""The fake's changes go through their states as out of the box, and refuse to jump; what it keeps outlives it."""

import pytest

from lab.servicenow.instance import Instance

DOWN = {"short_description": "Checkout is down", "impact": "1", "urgency": "2"}


def changed(ask, sys_id, **values):
    return ask("PATCH", f"change_request/{sys_id}", values)


@pytest.fixture
def change(ask):
    return ask("POST", "change_request", {"short_description": "Restart", "assignment_group": "a" * 32}).json()[
        "result"
    ]


def answer(ask, sys_id, at=0, state="approved"):
    found = ask.server.instance.store.select("sysapproval_approver", f"sysapproval={sys_id}^ORDERBYsys_id")
    told = {"table": "sysapproval_approver", "sys_id": found[at]["sys_id"], "values": {"state": state}}
    return ask.control("record", by="approver.one", **told)


def stands(ask, change):
    row = ask("GET", f"change_request/{change['sys_id']}").json()["result"]
    return row["state"], row["approval"]


@pytest.mark.parametrize("state", ["-3", "-2", "-1", "0", "3"])
def test_a_change_does_not_jump_over_states(ask, change, state):
    reply = changed(ask, change["sys_id"], state=state)

    assert reply.status_code == 403
    assert "State model - Can change state?" in reply.json()["error"]["detail"]
    assert stands(ask, change) == ("-5", "not requested")


def test_a_change_is_assessed_with_a_group_scheduled_when_approved_and_closed_with_a_code(ask, change):
    path = change["sys_id"]
    lone = ask("POST", "change_request", {"short_description": "No group"}).json()["result"]
    assert "Assignment group" in changed(ask, lone["sys_id"], state="-4").json()["error"]["detail"]
    assert changed(ask, path, state="-4").status_code == 200
    assert stands(ask, change) == ("-4", "requested")
    assert changed(ask, path, state="-3").status_code == 200
    assert changed(ask, path, state="-2").status_code == 403
    answer(ask, path)
    assert stands(ask, change) == ("-2", "approved")
    assert [changed(ask, path, state=state).status_code for state in ("-1", "0", "3")] == [200, 200, 403]
    assert changed(ask, path, state="3", close_code="successful", close_notes="Done").status_code == 200
    assert changed(ask, path, state="-1").status_code == 403


def test_one_no_sends_a_change_back_and_all_may_have_to_say_yes(ask, change):
    ask.control("habits", everybody=True)
    changed(ask, change["sys_id"], state="-4")
    answer(ask, change["sys_id"])
    assert stands(ask, change) == ("-4", "requested")

    answer(ask, change["sys_id"], at=1, state="rejected")
    assert stands(ask, change) == ("-5", "rejected")


def test_a_change_begins_in_new(ask):
    assert ask("POST", "change_request", {"state": "-1"}).status_code == 403


def test_what_it_keeps_outlives_its_process(tmp_path):
    first = Instance(tmp_path / "rows.json")
    row = first.store.insert("incident", {**DOWN, "work_notes": "one"}, by="fred.luddy")

    again = Instance(tmp_path / "rows.json")

    assert again.noted("incident", "") == [{**row, "work_notes": ["one"]}]
    assert again.store.insert("incident", DOWN, by="fred.luddy")["number"] == "INC0010002"
