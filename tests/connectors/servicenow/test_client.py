from datetime import timedelta

import pytest

from connectors.servicenow import client as module
from connectors.servicenow.client import ServiceNow
from connectors.servicenow.query import Condition, encode, equals, since, text_of
from connectors.ticket_errors import LaterError, NotThereError, TicketError, UncertainError
from core import clock
from core.errors import BadInputError
from tests.connectors.servicenow.conftest import BASIC

DOWN = {"short_description": "Checkout is down"}


def test_a_record_is_looked_up_before_it_is_made(client, rows, asked):
    first = client.create("incident", DOWN, correlation_id="ours:1")
    again = client.create("incident", DOWN, correlation_id="ours:1")

    assert text_of(first["sys_id"]) == text_of(again["sys_id"])
    assert len(rows("incident")) == 1
    assert asked() == ["GET incident", "POST incident", "GET incident"]


def test_a_create_whose_answer_is_lost_is_looked_up_again_and_makes_no_second_record(client, ask, rows, asked):
    ask.control("habits", lose_answers=1)

    made = client.create("incident", DOWN, correlation_id="ours:1")

    assert [row["sys_id"] for row in rows("incident")] == [text_of(made["sys_id"])]
    assert asked() == ["GET incident", "POST incident", "GET incident"]


def test_a_create_that_was_never_done_is_told_as_uncertain_and_not_repeated(client, ask, rows, monkeypatch):
    monkeypatch.setattr(client, "correlated", lambda *_: ask.control("habits", break_before=1) and None)

    with pytest.raises(UncertainError):
        client.create("incident", DOWN, correlation_id="ours:1")
    assert rows("incident") == []


def test_a_write_that_times_out_is_never_sent_twice(client, ask, asked, rows):
    row = client.create("incident", DOWN, correlation_id="ours:1")
    ask.control("habits", lose_answers=1)

    with pytest.raises(UncertainError):
        client.update("incident", text_of(row["sys_id"]), {"state": "2"})
    assert asked().count(f"PATCH {text_of(row['sys_id'])[:20]}") == 1
    assert rows("incident")[0]["state"] == "2"


def test_a_limit_says_from_when_on_it_may_be_tried_again_and_nobody_sleeps(client, ask, asked):
    ask.control("habits", limit=0, retry_after="1800")

    before = clock.now()
    with pytest.raises(LaterError) as caught:
        client.find("incident", [equals("number", "INC1")])
    assert timedelta(minutes=29) < caught.value.at - before < timedelta(minutes=31)
    assert len(asked()) == 1


def test_a_limit_without_retry_after_ends_with_its_hour_and_an_absurd_one_within_a_day(client, ask):
    ask.control("habits", limit=0, retry_after="")
    with pytest.raises(LaterError) as caught:
        client.find("incident", [equals("number", "INC1")])
    assert caught.value.at - clock.now() <= timedelta(hours=1)

    ask.control("habits", retry_after="99999999999")
    with pytest.raises(LaterError) as caught:
        client.find("incident", [equals("number", "INC1")])
    assert caught.value.at - clock.now() <= timedelta(hours=24)


@pytest.mark.parametrize("said", ["soon", "Wed, 99 Foo 2026", "-5", "١٢"])
def test_a_retry_after_that_makes_no_sense_is_no_time(client, ask, said):
    ask.server.instance.habits.limit = 0
    ask.server.instance.habits.retry_after = said if said.isascii() else "soon"

    with pytest.raises(LaterError) as caught:
        client.find("incident", [equals("number", "INC1")])
    assert caught.value.at is None


def test_an_outage_may_be_tried_again(client, ask):
    ask.control("habits", down=True)
    with pytest.raises(LaterError):
        client.find("incident", [equals("number", "INC1")])

    with pytest.raises(LaterError):
        ServiceNow({"url": "http://127.0.0.1:9"}, BASIC).find("incident", [equals("number", "INC1")])


def test_what_an_acl_hides_is_not_there_and_trying_again_is_not_offered(client, ask):
    row = client.create("incident", DOWN, correlation_id="ours:1")
    ask.control("habits", hidden=["incident"])

    with pytest.raises(NotThereError):
        client.get("incident", text_of(row["sys_id"]))
    ask.control("habits", hidden=[], forbidden=["incident"])
    with pytest.raises(TicketError, match=r"403.*ACL") as caught:
        client.update("incident", text_of(row["sys_id"]), {"state": "2"})
    assert not isinstance(caught.value, LaterError)


def test_a_token_is_kept_and_got_anew_once_where_it_is_refused(by_token, ask, asked):
    by_token.find("incident", [equals("number", "INC1")])
    by_token.find("incident", [equals("number", "INC1")])
    assert asked() == ["POST oauth_token.do", "GET incident", "GET incident"]

    ask.server.instance.tokens.clear()
    by_token.find("incident", [equals("number", "INC1")])
    assert asked()[3:] == ["GET incident", "POST oauth_token.do", "GET incident"]


def test_a_token_that_is_never_taken_is_asked_for_once_a_request(by_token, ask, asked):
    ask.control("habits", auth="basic")

    with pytest.raises(TicketError, match="credentials"):
        by_token.find("incident", [equals("number", "INC1")])
    assert asked() == ["POST oauth_token.do", "GET incident", "POST oauth_token.do", "GET incident"]


def test_wrong_credentials_are_said_without_being_shown(ask):
    wrong = ServiceNow({"url": ask.server.url}, {"user": "me", "password": "hush-hush"})

    with pytest.raises(TicketError) as caught:
        wrong.find("incident", [equals("number", "INC1")])
    assert "hush-hush" not in caught.value.detail
    with pytest.raises(TicketError, match="No account"):
        ServiceNow({"url": ask.server.url}, {}).find("incident", [equals("number", "INC1")])


def test_an_attack_by_a_caret_finds_nothing_more(client):
    client.create("incident", DOWN, correlation_id="theirs")

    assert client.find("incident", [equals("correlation_id", "x^ORcorrelation_idISNOTEMPTY")]) == []


def test_rows_that_do_not_say_what_was_asked_for_do_not_count(client, monkeypatch):
    client.create("incident", DOWN, correlation_id="theirs")
    monkeypatch.setattr(module, "encode", lambda *_: "corelation_id=ours")

    assert client.correlated("incident", "ours") is None


@pytest.mark.parametrize("value", ["", "a\nb", "a\0b", "javascript:gs.now()", "JavaScript:x", "x" * 201, "\ud800"])
def test_values_that_could_do_more_than_be_compared_are_refused(value):
    with pytest.raises(BadInputError):
        encode([equals("number", value)])


@pytest.mark.parametrize(
    "condition", [Condition(field="a^b", operator="=", value="1"), Condition(field="a", operator="LIKE", value="1")]
)
def test_fields_and_operators_come_from_a_fixed_set(condition):
    with pytest.raises(BadInputError):
        encode([condition])
    with pytest.raises(BadInputError):
        encode([])


def test_a_list_is_read_to_its_end_in_a_steady_order(client, monkeypatch):
    monkeypatch.setattr(module, "PAGE", 2)
    made = {text_of(client.create("incident", DOWN, correlation_id=f"ours:{number}")["sys_id"]) for number in range(5)}

    found = client.find("incident", [since("sys_updated_on", "2020-01-01 00:00:00")], order=["sys_updated_on"])

    assert {text_of(row["sys_id"]) for row in found} == made
    assert len(client.find("incident", [since("sys_updated_on", "2020-01-01 00:00:00")], most=3)) == 4


def test_one_record_tells_codes_and_labels(client):
    row = client.create("incident", DOWN, correlation_id="ours:1")

    assert client.get("incident", text_of(row["sys_id"]))["state"] == {"value": "1", "display_value": "New"}
    for bad in ("", "../../x", "0" * 31, "g" * 32):
        with pytest.raises(TicketError):
            client.get("incident", bad)


@pytest.mark.parametrize("body", [b"<html>hibernating</html>", b"[]", b'{"result": 1}', b"[" * 100_000])
def test_an_answer_that_is_no_answer_is_told_as_such(serve, body):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    url, _ = serve(answer)
    with pytest.raises(TicketError):
        ServiceNow({"url": url}, BASIC).find("incident", [equals("number", "INC1")])
