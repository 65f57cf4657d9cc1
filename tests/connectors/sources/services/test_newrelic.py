import json
from urllib.parse import urlencode

from django.core.management import call_command


def test_a_number_and_a_text_are_the_same_incident(read):
    bodies = [{"incident_id": told, "current_state": "open", "condition_name": "Load"} for told in (12, "12")]

    assert len({read("newrelic", body).events[0].fingerprint for body in bodies}) == 1


def test_an_unknown_state_is_named(read):
    assert "`current_state`" in read("newrelic", {"incident_id": 1, "current_state": "?"}).warnings[0]


def test_an_absent_clock_is_said_and_loses_nothing(read):
    parsed = read("newrelic", {"id": "a", "state": "open", "title": "Load"})

    assert parsed.events[0].starts_at is None
    assert "tells no time" in parsed.warnings[0]


def test_the_oldest_alerts_come_as_a_form(tmp_path, capsys):
    file = tmp_path / "alert.txt"
    alert = {"severity": "Critical", "message": "Apdex fell", "short_description": "[Shop] alert opened"}
    file.write_text(urlencode({"alert": json.dumps(alert)}))

    call_command("normalise", "newrelic_legacy", str(file))

    told = json.loads(capsys.readouterr().out)
    assert [(one["status"], one["severity"]) for one in told["events"]] == [("firing", "critical")]


def test_what_happened_to_one_of_the_oldest_is_not_guessed(read):
    parsed = read("newrelic", {"alert_url": "https://x/incidents/1", "short_description": "[Shop] hello"})

    assert parsed.events[0].status == "unclassified"
