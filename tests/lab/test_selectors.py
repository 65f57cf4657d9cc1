"""The plain selectors that the built-in monitor answers."""

import pytest

from lab.monitor import selectors


@pytest.mark.parametrize(
    ("text", "labels", "selected"),
    [
        ("up", {"service": "checkout"}, True),
        ('up{service="checkout"}', {"service": "checkout"}, True),
        ('up{service="checkout"}', {"service": "payments"}, False),
        ('up{service!="checkout"}', {"service": "payments"}, True),
        ('up{service=~"check.*|pay.*"}', {"service": "payments"}, True),
        ('up{service=~"pay"}', {"service": "payments"}, False),
        ('up{service!~"pay.*"}', {"service": "payments"}, False),
        ('up{ service = "a" , code="5xx", }', {"service": "a", "code": "5xx"}, True),
        ('up{missing=""}', {"service": "a"}, True),
        (r'up{service="say \"a\""}', {"service": 'say "a"'}, True),
        ("up{}", {"service": "a"}, True),
    ],
)
def test_a_selector_selects_as_prometheus_does(text, labels, selected):
    assert selectors.parse(text).selects(labels) is selected


def test_recorded_names_with_colons_are_names():
    assert selectors.parse('service:error_ratio{service="payments"}').name == "service:error_ratio"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "rate(up[5m])",
        "up + 1",
        "up[5m]",
        "up{service=checkout}",
        'up{service="a" code="b"}',
        'up{a=~"("}',
        "1",
        "up{,}",
    ],
)
def test_anything_else_is_refused_with_a_reason(text):
    with pytest.raises(selectors.SelectorError, match="parse error"):
        selectors.parse(text)
