from connectors.sources.monitors.names import pick, plain


def test_one_field_has_one_name_however_it_is_spelt():
    for body in ({"EVENT.ID": 1}, {"event_id": 1}, {"eventId": 1}, {"event": {"id": 1}}, {"Event-ID": 1}):
        assert plain(body) == {"eventid": 1}


def test_of_two_fields_with_one_name_the_outer_one_counts():
    assert plain({"host": {"name": "a"}, "hostname": "b"}) == {"hostname": "b"}
    assert plain({"hostname": "b", "HOST.NAME": "c", "host": {"name": "a"}}) == {"hostname": "b"}


def test_what_is_empty_or_was_never_expanded_is_absent():
    assert plain({"a": "", "b": None, "c": "{EVENT.ID}", "d": "$SERVICEDESC$", "e": " ", "f": 0}) == {"f": 0}


def test_an_object_in_too_many_others_is_left_out():
    body = {"a": 1}
    for _ in range(50):
        body = {"b": body, "c": 2}

    assert len(plain(body)) == 7


def test_the_first_field_that_is_there_is_picked_even_if_it_is_zero():
    assert pick({"b": 0, "c": 1}, "a", "b", "c") == 0
    assert pick({}, "a") is None
