"""A mapping is checked strictly: each thing that is wrong in it is named, with where it stands."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.mapping.document import MappingError, check

LEAST = {"title": "msg", "status": {"paths": ["state"]}, "fingerprint": ["job"]}


@pytest.mark.parametrize(
    ("change", "where", "why"),
    [
        ({"title": []}, "title", "where the title stands"),
        ({"status": {}}, "status", "where the status stands"),
        ({"fingerprint": []}, "fingerprint", "differs between alerts"),
        ({"fingerprint": ["= all"]}, "fingerprint", "differs between alerts"),
        ({"topic": "x"}, "mapping", "'topic' is not known here"),
        ({"title": "a..b"}, "title", "is no path"),
        ({"title": ["a"] * 9}, "title", "at most 8"),
        ({"title": 7}, "title", "a list of at most 8"),
        ({"status": {"paths": "s", "words": {"LATE": "fire"}}}, "status.words", "none of firing"),
        ({"status": {"paths": "s", "words": {"a": "firing", "A": "resolved"}}}, "status.words", "two meanings"),
        ({"status": {"paths": "s", "absent": "maybe"}}, "status.absent", "one of firing"),
        ({"severity": {"paths": "s", "words": {"x": ["high"]}}}, "severity.words", "none of critical"),
        ({"severity": {"path": "s"}}, "severity", "'path' is not known here"),
        ({"severity": []}, "severity", "must be an object"),
        ({"items": "= x"}, "items", "must be a path"),
        ({"labels": {"a": None}}, "labels", "must be a path"),
        ({"labels": {str(n): "a" for n in range(65)}}, "labels", "At most 64"),
        ({"links": {"evil": "a"}}, "links", "'evil' is not known here"),
        ({"ignore": [{"path": "a", "equals": 7}]}, "ignore", "must be a text"),
        ({"ignore": "a"}, "ignore", "must be a list"),
        ({"resource": {"type": 7, "paths": "a"}}, "resource", "must be a text"),
    ],
)
def test_what_is_wrong_is_named(change, where, why):
    with pytest.raises(MappingError) as error:
        check({**LEAST, **change})

    assert why in error.value.problems[where]
    assert where in error.value.detail


@pytest.mark.parametrize("document", [None, [], "x", 7, {}, {"": 1}, {1: 2}])
def test_what_is_no_mapping_at_all_is_refused(document):
    with pytest.raises(MappingError):
        check(document)


def test_the_least_mapping_knows_our_own_words():
    rules = check(LEAST)

    assert rules.statuses["resolved"] == "resolved"
    assert rules.status_absent == "unclassified"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
PARTS = st.sampled_from(
    ["title", "status", "severity", "resource", "labels", "links", "fingerprint", "ignore", "items"]
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(PARTS, JSON, max_size=6))
def test_no_document_raises_anything_else(document):
    for one in (document, {**LEAST, **document}):
        with suppress(MappingError):
            check(one)
