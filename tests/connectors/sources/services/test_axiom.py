def test_an_empty_group_is_no_group(read):
    bodies = [
        {"action": "Open", "event": {"monitorID": "m"} | groups}
        for groups in ({}, {"groupKeys": [], "groupValues": []})
    ]

    assert len({read("axiom", body).events[0].fingerprint for body in bodies}) == 1


def test_an_action_that_is_not_known_is_unclassified(read):
    assert read("axiom", {"action": "Slept", "event": {"monitorID": "m"}}).events[0].status == "unclassified"
