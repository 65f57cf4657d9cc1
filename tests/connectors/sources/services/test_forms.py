"""Senders that a person can tell to post a form instead of JSON."""

import json
from urllib.parse import urlencode

import pytest
from django.core.management import call_command

FORMS = {
    "datadog": {"alert_id": "71", "alert_transition": "Recovered", "title": "[Recovered] Load", "priority": "P2"},
    "site24x7": {"MONITORNAME": "shop", "MONITOR_ID": "31", "STATUS": "UP", "SEVERITY": "high"},
}


@pytest.mark.parametrize("kind", FORMS)
def test_a_form_says_what_the_same_fields_say_as_json(kind, tmp_path, capsys):
    form, body = tmp_path / "form.txt", tmp_path / "body.json"
    form.write_text(urlencode(FORMS[kind]))
    body.write_text(json.dumps(FORMS[kind]))

    call_command("normalise", kind, str(form), str(body))

    as_form, as_json = (json.loads(line)["events"][0] for line in capsys.readouterr().out.splitlines())
    assert (as_form["status"], as_form["severity"]) == ("resolved", "high")
    assert as_form["fingerprint"] == as_json["fingerprint"]
