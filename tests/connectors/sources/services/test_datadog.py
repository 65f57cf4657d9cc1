import pytest


def body(**fields):
    return {"monitor_id": "7", "title": "Load", "query": "avg:load > 8"} | fields


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Triggered", "firing"),
        ("Re-Triggered", "firing"),
        ("No Data", "firing"),
        ("Recovered", "resolved"),
        ("Warn Recovered", "resolved"),
        ("Purple", "unclassified"),
    ],
)
def test_the_transition_is_the_status(read, word, status):
    assert read("datadog", body(alert_transition=word)).events[0].status == status


def test_the_type_counts_where_there_is_no_transition(read):
    assert read("datadog", body(alert_type="success")).events[0].status == "resolved"
    assert read("datadog", body(alert_type="error")).events[0].severity == "high"


def test_variables_that_were_not_filled_in_are_absent(read):
    (event,) = read("datadog", body(alert_transition="$ALERT_TRANSITION", priority="$ALERT_PRIORITY")).events

    assert (event.status, event.severity_source) == ("firing", "default")


def test_two_monitors_of_one_id_and_two_scopes_of_one_monitor_are_different_alerts(read):
    bodies = [body(), body(query="avg:disk > 8"), body(alert_scope="host:a"), body(alert_scope="host:b")]

    assert len({read("datadog", one).events[0].fingerprint for one in bodies}) == 4


def test_the_transition_in_a_title_tells_no_alerts_apart(read):
    fired, gone = (
        read("datadog", {"alert_transition": word, "title": f"[{word} on {{host:a}}] Load"}).events[0]
        for word in ("Triggered", "Recovered")
    )

    assert fired.fingerprint == gone.fingerprint


@pytest.mark.parametrize(
    ("title", "status"),
    [
        ("[Triggered on {host:a}] Load", "firing"),
        ("[Re-Triggered] Load", "firing"),
        ("[No data] Load", "firing"),
        ("[Warn] Load", "firing"),
        ("[Recovered on {host:a}] Load", "resolved"),
        ("[TEST] [Recovered] Load", "unclassified"),
        ("Load [Recovered]", "unclassified"),
    ],
)
def test_without_a_transition_what_datadog_puts_before_the_title_counts(read, title, status):
    assert read("datadog", {"event_type": "query_alert_monitor", "title": title}).events[0].status == status


def test_the_type_of_a_monitor_is_no_state(read):
    assert read("datadog", body(alert_type="metric alert")).events[0].status == "firing"
