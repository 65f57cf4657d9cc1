def test_a_trigger_is_one_alert_whatever_groups_are_over_the_threshold(read):
    bodies = [
        {"id": "t", "name": "Slow", "status": "TRIGGERED", "result_groups_triggered": groups}
        for groups in ([{"Group": {"host": "a"}}], [{"Group": {"host": "b"}}], None)
    ]

    assert len({read("honeycomb", body).events[0].fingerprint for body in bodies}) == 1
