import pytest

from incidents.correlation.titles import sentence


@pytest.mark.parametrize(
    ("title", "service", "expected"),
    [
        ("Payments fails 7 % of its requests", "payments", "Payments fails 7 % of its requests"),
        ("KubePodNotReady", "checkout", "Kube pod not ready is reported on checkout"),
        ("HTTPErrors5xx", "", "HTTP errors 5 xx is reported"),
        ("", "", "An alert without a name is reported"),
    ],
)
def test_a_title_is_a_sentence_and_not_a_rule_name(title, service, expected):
    assert sentence(title, service) == expected


def test_a_title_is_cut_at_its_limit():
    assert len(sentence("very long " * 60, "")) == 300
