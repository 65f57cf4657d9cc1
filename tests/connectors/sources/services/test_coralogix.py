def body(**fields):
    return {"alert_action": "trigger", "name": "Errors", "fields": [{"key": k, "value": v} for k, v in fields.items()]}


def test_the_priority_counts_where_there_is_no_severity(read):
    assert read("coralogix", body(priority="P2", severity="$EVENT_SEVERITY")).events[0].severity == "high"


def test_the_groups_of_an_alert_are_alerts_of_their_own(read):
    bodies = [body(alertUniqueIdentifier="a", groupByValues=value) for value in ("web-1", "web-2")]

    assert len({read("coralogix", one).events[0].fingerprint for one in bodies}) == 2
