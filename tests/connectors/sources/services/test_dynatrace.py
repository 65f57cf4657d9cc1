def test_an_end_of_minus_one_is_none(read):
    body = {"problemId": "p", "status": "CLOSED", "startTime": 1767225600000, "endTime": -1}

    assert read("dynatrace", body).events[0].ends_at is None


def test_the_kind_of_a_custom_alert_says_nothing_about_severity(read):
    body = {"PID": "1", "State": "OPEN", "ProblemSeverity": "CUSTOM_ALERT"}

    assert read("dynatrace", body).events[0].severity_source == "default"


def test_two_problems_of_one_title_are_two_alerts(read):
    bodies = [{"PID": pid, "State": "OPEN", "ProblemTitle": "Slow"} for pid in ("1", "2")]

    assert len({read("dynatrace", body).events[0].fingerprint for body in bodies}) == 2
