def body(**fields):
    return {
        "webhookEvent": "jira:issue_created",
        "issue": {"id": "1", "key": "OPS-1", "fields": {"summary": "x"} | fields},
    }


def test_the_category_beats_the_name_of_a_status(read):
    status = {"name": "Done soon", "statusCategory": {"key": "indeterminate"}}

    assert read("jira", body(status=status)).events[0].status == "acknowledged"


def test_without_a_category_the_name_counts(read):
    assert read("jira", body(status={"name": "Closed"})).events[0].status == "resolved"
    assert read("jira", body(status={"name": "Parked"})).events[0].status == "unclassified"


def test_an_automation_s_bare_issue_is_read(read):
    assert read("jira", body()["issue"]).events[0].source_event_id == "OPS-1"


def test_a_description_as_a_document_is_read_as_text(read):
    text = {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Nobody can pay."}]}]}

    assert read("jira", body(description=text)).events[0].description == "Nobody can pay."


def test_a_moved_issue_is_the_same_alert(read):
    moved = body() | {"issue": body()["issue"] | {"key": "SHOP-9"}}

    assert len({read("jira", one).events[0].fingerprint for one in (body(), moved)}) == 1
