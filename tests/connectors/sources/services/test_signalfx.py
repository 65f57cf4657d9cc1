def test_the_field_counts_and_not_the_message(read):
    body = {"incidentId": "i", "statusExtended": "anomalous", "status": "ok", "messageTitle": "Cleared: back to normal"}

    assert read("signalfx", body).events[0].status == "firing"


def test_without_an_incident_rule_and_dimensions_tell_alerts_apart(read):
    bodies = [{"detectorId": "d", "rule": "r", "status": "ok", "dimensions": {"host": host}} for host in ("a", "b")]

    assert len({read("signalfx", body).events[0].fingerprint for body in bodies}) == 2
