def test_searches_of_two_apps_are_two_alerts(read):
    bodies = [{"search_name": "Errors", "app": app, "sid": "1", "result": {"host": "a"}} for app in ("shop", "search")]

    assert len({read("splunk", body).events[0].fingerprint for body in bodies}) == 2


def test_the_run_of_a_search_does_not_count(read):
    bodies = [{"search_name": "Errors", "app": "shop", "sid": sid, "result": {}} for sid in ("1.1", "2.2")]

    assert len({read("splunk", body).events[0].fingerprint for body in bodies}) == 1
