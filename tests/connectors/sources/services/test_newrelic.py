def test_a_number_and_a_text_are_the_same_incident(read):
    bodies = [{"incident_id": told, "current_state": "open", "condition_name": "Load"} for told in (12, "12")]

    assert len({read("newrelic", body).events[0].fingerprint for body in bodies}) == 1


def test_an_unknown_state_is_named(read):
    assert "`current_state`" in read("newrelic", {"incident_id": 1, "current_state": "?"}).warnings[0]


def test_an_absent_clock_is_said_and_loses_nothing(read):
    parsed = read("newrelic", {"id": "a", "state": "open", "title": "Load"})

    assert parsed.events[0].starts_at is None
    assert "tells no time" in parsed.warnings[0]
