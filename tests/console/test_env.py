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
