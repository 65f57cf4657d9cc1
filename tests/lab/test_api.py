"""Prometheus' HTTP API of the built-in monitor."""

import json

import pytest

from lab.monitor.alerting import Evaluator
from lab.monitor.api import Api
from lab.monitor.rules import ALERT_RULES
from lab.monitor.samples import Store


@pytest.fixture
def api():
    store = Store()
    for second in range(100, 111):
        store.write("service:error_ratio", {"service": "payments"}, float(second), second / 1000)
        store.write("service:error_ratio", {"service": "checkout"}, float(second), 0.0)
    return Api(store, Evaluator(ALERT_RULES), "me")


def ask(api, path, **parameters):
    status, content = api.answer(path, parameters)
    return status, json.loads(content)


def test_an_instant_query_is_a_vector(api):
    status, answer = ask(api, "/api/v1/query", query='service:error_ratio{service="payments"}', time="105")

    assert status == 200
    assert answer["data"] == {
        "resultType": "vector",
        "result": [
            {"metric": {"__name__": "service:error_ratio", "service": "payments"}, "value": [105.0, "0.105"]},
        ],
    }


def test_a_range_query_has_one_point_a_step_and_none_where_nothing_was(api):
    query = 'service:error_ratio{service="payments"}'
    _, answer = ask(api, "/api/v1/query_range", query=query, start="98", end="1970-01-01T00:01:44Z", step="2s")

    (series,) = answer["data"]["result"]
    assert series["values"] == [[100.0, "0.1"], [102.0, "0.102"], [104.0, "0.104"]]


def test_what_is_not_known_is_an_empty_result(api):
    _, answer = ask(api, "/api/v1/query", query="nothing", time="105")

    assert answer["data"]["result"] == []


@pytest.mark.parametrize(
    ("path", "parameters", "reason"),
    [
        ("/api/v1/query", {"query": "rate(x[5m])"}, "plain selectors only"),
        ("/api/v1/query", {}, "parse error"),
        ("/api/v1/query", {"query": "x", "time": "soon"}, "timestamp"),
        ("/api/v1/query_range", {"query": "x", "start": "2", "end": "1", "step": "1"}, "before start"),
        ("/api/v1/query_range", {"query": "x", "start": "1", "end": "2", "step": "0"}, "zero or negative"),
        ("/api/v1/query_range", {"query": "x", "start": "1", "end": "2", "step": "x"}, "duration"),
        ("/api/v1/query_range", {"query": "x", "start": "0", "end": "12000", "step": "1"}, "11,000 points"),
        ("/api/v1/query_range", {"query": "x", "start": "0", "end": "inf", "step": "1"}, "timestamp"),
    ],
)
def test_a_bad_question_gets_prometheus_error(api, path, parameters, reason):
    status, answer = ask(api, path, **parameters)

    assert status == 400
    assert (answer["status"], answer["errorType"]) == ("error", "bad_data")
    assert reason in answer["error"]


def test_the_rules_are_listed_with_their_state(api):
    _, answer = ask(api, "/api/v1/rules")

    rules = {rule["name"]: rule for rule in answer["data"]["groups"][0]["rules"]}
    assert rules["ErrorRateHigh"]["state"] == "inactive"
    assert rules["service:error_ratio"]["type"] == "recording"


def test_another_path_is_not_found(api):
    assert ask(api, "/api/v1/labels")[0] == 404
