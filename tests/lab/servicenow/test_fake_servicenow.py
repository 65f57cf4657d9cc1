"""The fake behaves as `docs/howto/connect-servicenow.md` says that ServiceNow does; a test for each row."""

import base64
import hashlib
import hmac
import json
import subprocess
import sys

import httpx
import pytest

from lab.servicenow.instance import CLIENT, INTEGRATION, PASSWORD
from lab.servicenow.queries import run

DOWN = {"short_description": "Checkout is down", "impact": "1", "urgency": "2"}


def made(ask, **values):
    return ask("POST", "incident", DOWN | values).json()["result"]


def test_a_create_answers_201_with_one_object_and_a_list_answers_200_with_an_array(ask):
    reply = ask("POST", "incident", DOWN)

    assert (reply.status_code, reply.json()["result"]["number"]) == (201, "INC0010001")
    assert reply.headers["Location"].endswith(reply.json()["result"]["sys_id"])
    listed = ask("GET", "incident")
    assert (listed.status_code, len(listed.json()["result"])) == (200, 1)


def test_an_update_answers_200_counts_up_and_a_delete_answers_204_without_a_body(ask):
    row = made(ask)

    changed = ask("PATCH", f"incident/{row['sys_id']}", {"state": "2"})
    assert (changed.status_code, changed.json()["result"]["sys_mod_count"]) == (200, "1")
    same = ask("PATCH", f"incident/{row['sys_id']}", {"state": "2"})
    assert same.json()["result"]["sys_mod_count"] == "1"
    gone = ask("DELETE", f"incident/{row['sys_id']}")
    assert (gone.status_code, gone.content) == (204, b"")


@pytest.mark.parametrize(
    ("impact", "urgency", "priority"), [("1", "1", "1"), ("2", "1", "2"), ("2", "2", "3"), ("3", "3", "5")]
)
def test_priority_is_computed_and_what_is_sent_for_it_is_ignored(ask, impact, urgency, priority):
    assert made(ask, impact=impact, urgency=urgency, priority="1")["priority"] == priority


def test_all_values_are_texts_and_unknown_fields_are_ignored(ask):
    row = ask("POST", "incident", {"short_description": "x", "active": True, "u_nothing": "1"}).json()["result"]

    assert all(isinstance(value, str | dict) for value in row.values())
    assert "u_nothing" not in row


def test_a_refusal_has_an_error_object_and_the_status_failure(ask):
    for reply, status in (
        (ask("GET", "incident/0"), 404),
        (ask("GET", "no_table"), 400),
        (ask("POST", "incident/0", {}), 405),
        (ask("POST", "incident", [1]), 400),
    ):
        assert reply.status_code == status
        assert reply.json()["status"] == "failure"
        assert set(reply.json()["error"]) == {"message", "detail"}


def test_nobody_gets_in_without_an_account(ask):
    ask.auth = "Basic bm90OnJpZ2h0"

    assert ask("GET", "incident").status_code == 401


def test_what_an_acl_hides_is_404_and_what_it_forbids_to_write_is_403(ask):
    row = made(ask)
    ask.control("habits", hidden=["incident"], forbidden=["change_request"])

    assert ask("GET", f"incident/{row['sys_id']}").status_code == 404
    assert ask("GET", "change_request").status_code == 200
    assert ask("POST", "change_request", {}).status_code == 403


def test_over_the_limit_it_answers_429_with_retry_after_and_tells_the_rule(ask):
    ask.control("habits", limit=1, retry_after="120")

    first, second = ask("GET", "incident"), ask("GET", "incident")
    assert first.status_code == 200
    assert {"x-ratelimit-limit", "x-ratelimit-reset", "x-ratelimit-rule"} <= set(first.headers)
    assert (second.status_code, second.headers["Retry-After"]) == (429, "120")


def test_a_part_of_a_query_that_makes_no_sense_is_ignored_and_everything_comes_back(ask):
    made(ask, correlation_id="a")
    made(ask, correlation_id="b")

    right = ask("GET", "incident", sysparm_query="correlation_id=a")
    wrong = ask("GET", "incident", sysparm_query="corelation_id=a")
    assert [len(reply.json()["result"]) for reply in (right, wrong)] == [1, 2]


def test_a_caret_inside_a_value_breaks_out_unless_it_is_doubled():
    rows = [{"name": "a^name=b"}, {"name": "b"}]
    fields = frozenset({"name"})

    assert run(rows, "name=a^^name=b", fields) == rows[:1]
    assert run(rows, "name=x^ORname=b", fields) == rows[1:]
    assert run(rows, "nameSTARTSWITHa^ORDERBYDESCname", fields) == rows[:1]


@pytest.mark.parametrize(
    ("mode", "state"),
    [("false", "1"), ("true", "New"), ("all", {"display_value": "New", "value": "1"})],
)
def test_display_values_are_codes_labels_or_both(ask, mode, state):
    row = made(ask)

    shown = ask("GET", f"incident/{row['sys_id']}", sysparm_display_value=mode, sysparm_fields="state").json()["result"]
    assert shown == {"state": state}


def test_references_are_objects_with_links_unless_these_are_left_out(ask):
    group = ask("GET", "sys_user_group").json()["result"][0]["sys_id"]
    row = made(ask, assignment_group=group)

    assert row["assignment_group"] == {
        "value": group,
        "link": f"{ask.server.url}/api/now/table/sys_user_group/{group}",
    }
    path = f"incident/{row['sys_id']}"
    plain = ask("GET", path, sysparm_exclude_reference_link="true").json()["result"]
    named = ask("GET", path, sysparm_exclude_reference_link="true", sysparm_display_value="true").json()["result"]
    assert (plain["assignment_group"], named["assignment_group"]) == (group, "Service Desk")


def test_a_list_is_paged_with_a_total_and_links(ask):
    for number in range(5):
        made(ask, correlation_id=str(number))

    page = ask("GET", "incident", sysparm_query="ORDERBYsys_id", sysparm_limit="2", sysparm_offset="2")
    assert (len(page.json()["result"]), page.headers["X-Total-Count"]) == (2, "5")
    assert {'rel="first"', 'rel="prev"', 'rel="next"', 'rel="last"'} == {
        one.rpartition(";")[2] for one in page.headers["Link"].split(",<")
    }


def test_an_answer_can_be_lost_after_the_record_was_made_and_the_same_again_makes_a_second_one(ask):
    ask.control("habits", lose_answers=1)

    with pytest.raises(httpx.HTTPError):
        made(ask, correlation_id="ours")
    made(ask, correlation_id="ours")
    assert len(ask("GET", "incident", sysparm_query="correlation_id=ours").json()["result"]) == 2


def test_it_can_be_slow_down_or_gone(ask):
    ask.control("habits", slow_s=0.01, break_before=1)

    with pytest.raises(httpx.HTTPError):
        ask("GET", "incident")
    assert ask("GET", "incident").status_code == 200
    ask.control("habits", down=True)
    assert ask("GET", "incident").status_code == 503


@pytest.mark.parametrize("grant", ["password", "client_credentials"])
def test_a_token_is_got_with_the_clients_secret_and_runs_out(ask, grant):
    ask.control("habits", auth="oauth", token_uses=1)
    form = {"grant_type": grant, "client_id": CLIENT[0], "client_secret": CLIENT[1]}
    form |= {"username": INTEGRATION, "password": PASSWORD}

    with httpx.Client(trust_env=False) as client:
        told = client.post(f"{ask.server.url}/oauth_token.do", data=form).json()
        wrong = client.post(f"{ask.server.url}/oauth_token.do", data=form | {"client_secret": "x"})
    ask.auth = f"Bearer {told['access_token']}"
    assert [ask("GET", "incident").status_code for _ in range(2)] == [200, 401]
    assert (wrong.status_code, told["token_type"]) == (401, "Bearer")


def test_resolving_needs_a_code_and_notes(ask):
    row = made(ask)

    assert ask("PATCH", f"incident/{row['sys_id']}", {"state": "6"}).status_code == 403
    done = {"state": "6", "close_code": "Solution provided", "close_notes": "Restarted"}
    assert ask("PATCH", f"incident/{row['sys_id']}", done).status_code == 200


def test_work_notes_are_written_and_come_back_only_as_a_display_value(ask):
    row = made(ask)
    path = f"incident/{row['sys_id']}"
    ask("PATCH", path, {"work_notes": "one"})
    ask("PATCH", path, {"work_notes": "two"})

    noted = ask("GET", path, sysparm_display_value="all").json()["result"]["work_notes"]
    assert noted == {"value": "", "display_value": "two\n\none"}


def test_a_change_whose_approval_is_requested_asks_its_approvers(ask):
    change = ask("POST", "change_request", {"short_description": "Restart", "approval": "requested"}).json()["result"]

    asked = ask("GET", "sysapproval_approver", sysparm_query=f"sysapproval={change['sys_id']}").json()["result"]
    assert [row["state"] for row in asked] == ["requested", "requested"]


def test_business_rules_post_once_and_never_again_signed_where_a_secret_is_set(ask, serve):
    secret = base64.b64encode(b"k" * 32).decode()
    url, seen = serve(503)
    ask.control("habits", webhook=url, hmac_secret=secret)

    row = made(ask)
    ask("PATCH", f"incident/{row['sys_id']}", {"correlation_id": "quiet"})
    told = ask.control("webhooks").json()["webhooks"]

    assert [one["body"]["event"] for one in told] == ["incident.created"]
    assert len(seen) == 1
    headers, body = seen[0]
    signed = headers["X-Countersign-Timestamp"].encode() + b"." + body
    mac = hmac.new(b"k" * 32, signed, hashlib.sha256).digest()
    assert headers["X-Countersign-Signature"] == base64.b64encode(mac).decode()


def test_its_users_act_in_their_own_name_and_unknown_switches_are_named(ask):
    row = made(ask)

    ask.control("record", by="fred.luddy", table="incident", sys_id=row["sys_id"], values={"state": "2"})
    assert ask("GET", f"incident/{row['sys_id']}").json()["result"]["sys_updated_by"] == "fred.luddy"
    assert ask.control("habits", polite=True).json() == {"unknown": ["polite"]}


def test_it_runs_as_a_program_of_its_own():
    with subprocess.Popen([sys.executable, "-m", "lab.servicenow"], stdout=subprocess.PIPE, text=True) as program:
        told = json.loads(program.stdout.readline())
        with httpx.Client(trust_env=False) as client:
            assert client.get(f"{told['url']}/api/now/table/incident").status_code == 401
        program.kill()
