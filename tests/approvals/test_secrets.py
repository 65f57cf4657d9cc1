"""Obvious secrets are not frozen, and ordinary configuration is."""

import pytest

from approvals.secrets import found_in

TOKEN = "A" * 36


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("-----BEGIN OPENSSH " + "PRIVATE KEY-----\nabc", "private key"),
        ("key = AKIA" + "ABCDEFGHIJKLMNOP", "AWS"),
        ("ghp_" + TOKEN, "GitHub"),
        ("glpat-" + TOKEN, "GitLab"),
        ("xoxb-" + "123456789012", "Slack"),
        ("postgresql://app:hunter2hunter2@db/prod", "URL"),
        ("Authorization: Bearer " + TOKEN, "bearer"),
        ('+ "password": "correct-horse"', "password"),
        ("API_KEY=0123456789abcdef", "password or key"),
        ("client_secret: s3cr3t-value", "password or key"),
    ],
)
def test_what_looks_like_a_secret_is_found_and_not_repeated(text, kind):
    found = found_in([("The diff of a.env", text)])

    assert kind in found
    assert found.startswith("The diff of a.env holds")
    assert text not in found


@pytest.mark.parametrize(
    "text",
    [
        '- "error_rate": 0.001\n+ "error_rate": 0.05',
        "password: ${DB_PASSWORD}",
        "secret_ref: payments/db",
        "password: ****",
        "https://example.org/a?b=c",
        "git revert --no-edit 1a2b3c4",
        "commit=4f6c8e1d2b3a49586776859493a2b1c0d9e8f7a6",
        '"token_bucket": 100000, "retry_tokens": 10',
    ],
)
def test_ordinary_configuration_is_not_refused(text):
    assert found_in([("A diff", text)]) == ""
