import pytest


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"status": "down"}, "firing"),
        ({"state": "OK"}, "resolved"),
        ({"action": "ack"}, "acknowledged"),
        ({"status": "in-progress"}, "acknowledged"),
        ({"resolved": True}, "resolved"),
        ({"firing": False}, "resolved"),
        ({"status": "muted"}, "suppressed"),
        ({"status": True}, "unclassified"),
        ({}, "firing"),
    ],
)
def test_words_for_a_status(read, told, status):
    assert read("generic", {"title": "Disk"} | told).events[0].status == status


def test_words_of_the_title_never_decide(read):
    assert read("generic", {"title": "Disk OK, resolved", "status": "firing"}).events[0].status == "firing"


def test_without_an_id_service_resource_and_name_tell_alerts_apart(read):
    bodies = [{"name": "Disk", "host": host} for host in ("a", "b")] + [{"name": "Load", "host": "a"}]

    assert len({read("generic", body).events[0].fingerprint for body in bodies}) == 3


def test_the_text_may_differ_between_a_firing_and_its_resolve(read):
    bodies = [{"check": "disk", "host": "a", "status": word, "message": word} for word in ("down", "up")]

    assert len({read("generic", body).events[0].fingerprint for body in bodies}) == 1


@pytest.mark.parametrize("value", ["nan", "1e999", "much", True, [], None])
def test_a_value_that_is_no_number_is_left_out(read, value):
    assert read("generic", {"title": "x", "metric": "m", "value": value}).events[0].metric.value is None
