def test_the_type_is_the_state_and_not_the_issue_s(read):
    body = {"type": "alert.closed", "data": {"issue": {"id": "i", "status": "critical", "summary": "Slow"}}}

    assert read("dash0", body).events[0].status == "resolved"


def test_without_a_type_the_issue_s_status_is(read):
    assert (
        read("dash0", {"data": {"issue": {"issueIdentifier": "i", "status": "degraded"}}}).events[0].status == "firing"
    )
