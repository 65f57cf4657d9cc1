"""Which addresses are posted to: the attacks on whoever posts from inside."""

from ipaddress import ip_network

import pytest

from connectors.outbound.addresses import refusal, target_of
from core.errors import BadInputError

PUBLIC = target_of("https://example.com/hook")
PLAIN = target_of("http://example.com/hook")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.0.1", "100.64.0.1",
        "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1",
        "fec0::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b::a00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a00:1::1", "2001:0:4136:e378:8000:63bf:f5ff:fffe",
    ],
)  # fmt: skip
def test_what_is_not_public_is_refused(address):
    assert "not public" in refusal(PUBLIC, [address], [])


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_what_is_public_is_posted_to_over_https_alone(address):
    assert refusal(PUBLIC, [address], []) == ""
    assert "https" in refusal(PLAIN, [address], [])


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "fd00:ec2::254", "100.100.100.200",
     "168.63.129.16", "2002:a9fe:a9fe::"],
)  # fmt: skip
def test_where_clouds_keep_credentials_is_refused_even_where_everything_is_listed(address):
    assert "credentials" in refusal(PUBLIC, [address], [ip_network("0.0.0.0/0"), ip_network("::/0")])


def test_a_listed_network_is_posted_to_also_without_tls():
    listed = [ip_network("10.20.0.0/16")]

    assert refusal(PLAIN, ["10.20.3.4"], listed) == ""
    assert "not public" in refusal(PLAIN, ["10.21.3.4"], listed)


def test_one_bad_address_among_good_ones_refuses_the_name():
    assert "not public" in refusal(PUBLIC, ["8.8.8.8", "127.0.0.1"], [])
    assert "no address" in refusal(PUBLIC, [], [])


@pytest.mark.parametrize(
    "url",
    ["", "example.com/hook", "ftp://example.com/", "file:///etc/passwd", "gopher://x/", "https:///hook",
     "https://user:secret@example.com/", "https://user@example.com/", "https://example.com/#x", "https://example.com:0/",
     "https://example.com:99999/", "https://example.com/\r\nX-Evil: 1", "https://example.com/ x", "https://exämple.com/",
     "https://example.com\\@127.0.0.1/", "https://[::1/", "https://example.com/\x00",
     "https://example.com/" + "x" * 500],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused_with_a_sentence(url):
    with pytest.raises(BadInputError) as error:
        target_of(url)
    assert error.value.detail.endswith((".", "…"))


def test_an_address_is_taken_apart():
    target = target_of("https://example.com/a/b?c=d")

    assert (target.scheme, target.host, target.port, target.path) == ("https", "example.com", 443, "/a/b?c=d")
    assert target_of("http://[::1]:8080").port == 8080
