import time
from datetime import UTC, datetime, timedelta

import pytest

from connectors import http
from connectors.base import ReaderError
from connectors.prometheus import Prometheus

END = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def matrix(*result):
    return {"status": "success", "data": {"resultType": "matrix", "result": list(result)}}


def vector(*values):
    result = [{"metric": {"n": str(n)}, "value": [1, value]} for n, value in enumerate(values)]
    return {"status": "success", "data": {"resultType": "vector", "result": result}}


def range_of(url, **more):
    reader = Prometheus({"url": url} | more, {})
    return reader.range("service:error_ratio", start=END - timedelta(minutes=1), end=END, step_s=5)


def test_a_range_is_read_with_what_is_not_finite_left_out(reply_json):
    values = [[1, "0.5"], [2, "NaN"], [3, "+Inf"], [4, "-Inf"], [5, "7"], [6], ["x", "1"], None]
    url, seen = reply_json(matrix({"metric": {"service": "payments"}, "values": values}))

    (series,) = range_of(url)

    assert series.labels == {"service": "payments"}
    assert series.points == ((1.0, 0.5), (5.0, 7.0))
    assert seen[0][0].startswith("/api/v1/query_range?query=service%3Aerror_ratio&start=1772366340.000&end=")


def test_nothing_found_is_an_empty_list(reply_json):
    assert range_of(reply_json(matrix())[0]) == []


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        (vector("0.25"), 0.25),
        (vector(), None),
        (vector("NaN"), None),
        (vector("+Inf"), None),
        ({"status": "success", "data": {"resultType": "scalar", "result": [1, "3"]}}, 3.0),
    ],
)
def test_an_instant_is_one_value_or_none(reply_json, answer, value):
    assert Prometheus({"url": reply_json(answer)[0]}, {}).instant("x") == value


def test_several_series_are_no_one_value(reply_json):
    with pytest.raises(ReaderError, match="2 series"):
        Prometheus({"url": reply_json(vector("1", "2"))[0]}, {}).instant("x")


@pytest.mark.parametrize(
    ("answer", "status", "says"),
    [
        ({"status": "error", "errorType": "bad_data", "error": "parse error: unexpected x"}, 400, "unexpected x"),
        ({"status": "error", "error": "busy"}, 503, "busy"),
        (b"<html>", 200, "no JSON"),
        (b"[" * 100_000, 200, "no JSON"),
        ([], 200, "no reason"),
        ({"status": "success"}, 200, "None"),
        (vector("1"), 200, "'vector'"),
        (b"", 302, "no JSON"),
    ],
)
def test_an_error_becomes_a_sentence(reply_json, answer, status, says):
    with pytest.raises(ReaderError, match=says):
        range_of(reply_json(answer, status)[0])


def test_a_server_that_is_not_there_is_named(unused_tcp_port):
    with pytest.raises(ReaderError, match=f"127.0.0.1:{unused_tcp_port} cannot be reached"):
        range_of(f"http://127.0.0.1:{unused_tcp_port}")


def test_a_server_that_never_answers_is_given_up(serve):
    url, _ = serve(lambda _handler: time.sleep(1))

    with pytest.raises(ReaderError, match="did not answer"):
        range_of(url, timeout_s=0.1)


def test_an_answer_without_end_is_cut(serve, monkeypatch):
    def flood(handler):
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(200):
                handler.wfile.write(b"x" * 100_000)
        except OSError:
            return

    monkeypatch.setattr(http.send, "__kwdefaults__", http.send.__kwdefaults__ | {"max_bytes": 1_000_000})
    with pytest.raises(ReaderError, match="more than 1,000,000 bytes"):
        range_of(serve(flood)[0])


def test_a_redirect_is_not_followed(serve):
    stolen, seen = serve(lambda handler: handler.send_response(200))

    def elsewhere(handler):
        handler.send_response(307)
        handler.send_header("Location", f"{stolen}/api/v1/query")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with pytest.raises(ReaderError):
        Prometheus({"url": serve(elsewhere)[0]}, {"token": "secret"}).instant("x")
    assert seen == []


def test_credentials_go_into_the_header_and_never_into_an_error(reply_json, unused_tcp_port):
    url, seen = reply_json(vector("1"))
    Prometheus({"url": url}, {"token": "hush-hush"}).instant("x")
    assert seen[0][1]["Authorization"] == "Bearer hush-hush"

    with pytest.raises(ReaderError) as refused:
        Prometheus({"url": f"http://u:hush-hush@127.0.0.1:{unused_tcp_port}"}, {}).instant("x")
    assert "hush" not in refused.value.detail


@pytest.mark.parametrize("url", ["", "no address", "http://[", "ftp://x/", "http://127.0.0.1:99999"])
def test_a_wrong_address_is_a_sentence_too(url):
    with pytest.raises(ReaderError):
        range_of(url)


@pytest.mark.parametrize("step_s", [0, -1, 0.000001])
def test_a_range_without_bounds_is_not_asked(step_s):
    with pytest.raises(ReaderError, match="steps"):
        Prometheus({"url": "http://127.0.0.1:1"}, {}).range("x", start=END - timedelta(1), end=END, step_s=step_s)
