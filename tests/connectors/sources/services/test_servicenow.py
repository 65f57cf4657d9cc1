import pytest

from connectors.sources.services.servicenow_words import STATUSES


def status(read, **record):
    return read("servicenow", record).events[0].status


@pytest.mark.parametrize(
    ("number", "state", "wanted"),
    [
        ("INC1", "1", "firing"),
        ("INC1", 2, "acknowledged"),
        ("INC1", "On Hold", "acknowledged"),
        ("INC1", "8", "resolved"),
        ("CHG1", "-1", "pending"),
        ("CHG1", "3", "resolved"),
        ("PRB1", "106", "resolved"),
        ("SCTASK1", "3", "resolved"),
        ("INC1", "-5", "unclassified"),
        ("INC1", None, "firing"),
        ("CHG1", None, "pending"),
    ],
)
def test_a_code_means_what_its_table_says(read, number, state, wanted):
    assert status(read, number=number, state=state) == wanted


def test_a_label_in_another_language_is_unclassified_unless_its_code_came_too(read):
    assert status(read, number="INC1", state="Behoben") == "unclassified"
    assert status(read, number="INC1", state={"display_value": "Behoben", "value": "6"}) == "resolved"


@pytest.mark.parametrize(
    ("told", "severity"),
    [
        ({"priority": "1 - Critical"}, "critical"),
        ({"priority": "4"}, "info"),
        ({"impact": "1", "urgency": "1"}, "critical"),
        ({"impact": "2", "urgency": "1"}, "high"),
        ({"impact": "2 - Medium", "urgency": "2 - Medium"}, "warning"),
        ({"impact": "3"}, "info"),
    ],
)
def test_the_priority_or_what_impact_and_urgency_make_of_it(read, told, severity):
    assert read("servicenow", {"number": "INC1", "state": "1"} | told).events[0].severity == severity


def test_what_a_record_is_must_be_told_or_is_said_to_be_assumed(read):
    parsed = read("servicenow", {"sys_id": "a", "state": "6"})

    assert parsed.events[0].status == "resolved"
    assert "read as an incident" in parsed.warnings[0]


def test_a_task_s_reference_to_its_change_is_no_record(read):
    body = {"number": "CTASK1", "state": "2", "change_request": {"value": "CHG7", "link": "x"}}

    assert read("servicenow", body).events[0].source_event_id == "CTASK1"


def test_the_words_of_servicenow_words_are_all_in_lower_case():
    assert all(word == word.lower() for word in STATUSES)
