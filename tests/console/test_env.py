"""Settings from the environment: what is misspelt is refused."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from console import env


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", env.Mail()),
        ("smtp://mail.invalid", env.Mail(host="mail.invalid", port=25)),
        (
            "smtp+tls://me:p%40ss@mail.invalid",
            env.Mail(host="mail.invalid", port=587, user="me", password="p@ss", starttls=True),
        ),
        ("smtps://mail.invalid:4650", env.Mail(host="mail.invalid", port=4650, tls=True)),
    ],
)
def test_a_mail_server_is_read_from_a_url(monkeypatch, url, expected):
    monkeypatch.setenv("EMAIL_URL", url)

    assert env.mail("EMAIL_URL") == expected


@pytest.mark.parametrize("url", ["mail.invalid", "http://mail.invalid", "smtp://"])
def test_another_url_is_refused(monkeypatch, url):
    monkeypatch.setenv("EMAIL_URL", url)

    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL"):
        env.mail("EMAIL_URL")


def test_networks_are_read_and_what_is_none_is_refused(monkeypatch):
    monkeypatch.setenv("WEBHOOK_NETWORKS", "10.20.0.0/16, fd00::/8")
    assert [str(one) for one in env.networks("WEBHOOK_NETWORKS")] == ["10.20.0.0/16", "fd00::/8"]

    for wrong in ("10.20.0.1/16", "example.com", "10.20.0.0/99"):
        monkeypatch.setenv("WEBHOOK_NETWORKS", wrong)
        with pytest.raises(ImproperlyConfigured, match="WEBHOOK_NETWORKS"):
            env.networks("WEBHOOK_NETWORKS")


def test_an_address_that_is_not_set_is_that_of_the_console_that_runs_here(monkeypatch, tmp_path):
    running = tmp_path / "console.json"
    monkeypatch.delenv("PUBLIC_URL", raising=False)
    for told, expected in (
        (None, "http://localhost:8000"),
        ('{"url": "http://localhost:8917", "pid": 7}', "http://localhost:8917"),
        ('{"url": 7}', "http://localhost:8000"),
        ("[]", "http://localhost:8000"),
        ("{", "http://localhost:8000"),
    ):
        if told is not None:
            running.write_text(told)
        assert env.address("PUBLIC_URL", "http://localhost:8000", running) == expected

    running.write_text('{"url": "http://localhost:8917"}')
    monkeypatch.setenv("PUBLIC_URL", "https://console.example.com")
    assert env.address("PUBLIC_URL", "http://localhost:8000", running) == "https://console.example.com"
