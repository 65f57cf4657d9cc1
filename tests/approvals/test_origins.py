"""Where passkeys work."""

import pytest

from approvals.origins import relying_party


@pytest.mark.parametrize(
    ("url", "rp_id", "origin"),
    [
        ("http://localhost:8000", "localhost", "http://localhost:8000"),
        ("http://localhost", "localhost", "http://localhost"),
        ("http://console.localhost:8000/", "console.localhost", "http://console.localhost:8000"),
        ("https://ops.example.org", "ops.example.org", "https://ops.example.org"),
        ("https://Ops.example.org:443/", "ops.example.org", "https://ops.example.org"),
        ("https://ops.example.org:8443", "ops.example.org", "https://ops.example.org:8443"),
    ],
)
def test_a_name_is_its_own_relying_party(url, rp_id, origin):
    party = relying_party(url)

    assert (party.rp_id, party.origins, party.problem) == (rp_id, (origin,), "")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000", "http://[::1]:8000", "https://10.0.0.5", "http://ops.example.org", "ops", ""]
)
def test_an_ip_address_or_plain_http_takes_no_passkeys_and_says_what_to_do(url):
    party = relying_party(url)

    assert (party.rp_id, party.origins) == ("", ())
    assert "SSH key" in party.problem
