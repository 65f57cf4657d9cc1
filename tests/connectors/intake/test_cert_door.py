"""A source that is held to a client certificate takes nothing without it, whoever forges what."""

import asyncio
import base64
import json
from datetime import timedelta

import pytest

from connectors.certificates import told
from connectors.intake.asgi import answer_posts
from connectors.intake.door import Post, answer_all
from connectors.models import Delivery, Source
from connectors.services.add_source import add_source
from connectors.services.require_certificates import require_certificates
from core import clock
from core.actors import SYSTEM
from tests.connectors.intake.certs import make

pytestmark = pytest.mark.django_db
JSON = {"content-type": "application/json"}
PROXY = "10.0.0.5"


@pytest.fixture
def mine():
    return make()


@pytest.fixture
def held(endpoint, mine, settings):
    """A source that is held to one certificate, behind one proxy."""
    settings.TLS_PROXIES = settings_networks("10.0.0.5/32", "fd00::5/128")
    require_certificates(endpoint.source.slug, [told(mine.pem)], actor=SYSTEM)
    return endpoint


def settings_networks(*told):
    from ipaddress import ip_network

    return [ip_network(one) for one in told]


@pytest.fixture
def post(held):
    def send(said=None, peer=PROXY, method="POST", **headers):
        named = JSON | {name.replace("_", "-"): value for name, value in headers.items()}
        named |= {"client-cert": said} if said is not None else {}
        one = Post(
            kind="alertmanager", token=held.token, headers=named, body=b'{"alerts": []}', peer=peer, method=method
        )
        (answer,) = answer_all([one])
        body = json.loads(answer.body) if answer.body else {}
        return answer.status, body.get("type", "").rpartition(":")[2]

    return send


def test_the_right_certificate_by_way_of_the_proxy_is_taken(post, mine):
    assert post(mine.header) == (202, "")
    assert post(mine.header, peer="fd00::5") == (202, "")
    assert post(mine.header, peer="::ffff:10.0.0.5") == (202, "")
    assert Delivery.objects.count() == 3


@pytest.mark.parametrize("peer", ["10.0.0.6", "127.0.0.1", "::1", "", "10.0.0.5.evil.example", "unix:", "10.0.0.50"])
def test_from_anybody_else_the_header_is_as_if_it_were_not_there(post, mine, peer):
    assert post(mine.header, peer=peer) == (401, "client-certificate-missing")
    assert not Delivery.objects.exists()


def test_without_any_trusted_proxy_nothing_is_believed(post, mine, settings):
    settings.TLS_PROXIES = []

    assert post(mine.header) == (401, "client-certificate-missing")


@pytest.mark.parametrize(
    "forwarded",
    ["10.0.0.5", "192.0.2.9, 10.0.0.5:4711", "[::ffff:10.0.0.5]:1", " 10.0.0.5 ,1.2.3.4", "::ffff:10.0.0.5"],
)
def test_an_address_out_of_x_forwarded_for_is_hearsay(post, mine, forwarded):
    assert post(mine.header, x_forwarded_for=forwarded) == (401, "client-certificate-missing")


@pytest.mark.parametrize("forwarded", ["192.0.2.9", "10.0.0.50, 10.0.0.51:5", "fd00::7", "", "unknown"])
def test_what_else_stands_in_x_forwarded_for_does_not_matter(post, mine, forwarded):
    assert post(mine.header, x_forwarded_for=forwarded) == (202, "")


@pytest.mark.parametrize(
    "said",
    [
        "x",
        ":",
        "::",
        ":=:",
        ":@@@@:",
        ":AAAA:",
        ":AAAA",
        "AAAA:",
        "{pem}",
        "{bare}",
        "{header},{header}",
        "{header}, {other}",
        "{other},{header}",
        "{header};a=1",
        " {header}",
        "{header}\n",
        ":{twice}:",
        ":{truncated}:",
        ":{more}:",
        ":" + "A" * 40_000 + ":",
        ":\u0661\u0661:",
    ],
)
def test_what_is_no_single_byte_sequence_of_a_certificate_is_refused(post, mine, said):
    values = {
        "pem": mine.pem,
        "bare": mine.header.strip(":"),
        "header": mine.header,
        "other": make().header,
        "twice": base64.b64encode(mine.der * 2).decode(),
        "truncated": base64.b64encode(mine.der[:-7]).decode(),
        "more": base64.b64encode(mine.der + b"\0").decode(),
    }

    assert post(said.format(**values)) == (401, "client-certificate-malformed")
    assert not Delivery.objects.exists()


def test_another_certificate_of_the_same_subject_is_refused(post, mine):
    twin = make()

    assert twin.certificate.subject == mine.certificate.subject
    assert post(twin.header) == (401, "client-certificate-unknown")


def test_the_same_key_in_another_certificate_is_refused(post, mine):
    again = make(by=mine)

    assert post(again.header) == (401, "client-certificate-unknown")


@pytest.mark.parametrize("passed", [timedelta(days=31), timedelta(days=-2)])
def test_a_certificate_counts_only_while_it_is_valid(post, mine, monkeypatch, passed):
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + passed)

    assert post(mine.header) == (401, "client-certificate-expired")


def test_no_header_is_refused_and_neither_is_the_handshake_done(post):
    assert post() == (401, "client-certificate-missing")
    assert post("") == (401, "client-certificate-missing")
    assert post(method="OPTIONS", webhook_request_origin="x.example") == (401, "client-certificate-missing")


def test_the_certificate_does_not_replace_the_token(held, mine):
    one = Post(kind="alertmanager", token="guess", headers=JSON | {"client-cert": mine.header}, peer=PROXY)

    assert json.loads(answer_all([one])[0].body)["type"].endswith("not-signed-in")


def test_two_certificates_overlap_while_one_is_exchanged(post, held, mine):
    fresh = make()
    require_certificates(held.source.slug, [told(mine.pem), told(fresh.sha256)], actor=SYSTEM)

    assert (post(mine.header)[0], post(fresh.header)[0]) == (202, 202)


def test_a_source_that_needs_none_does_not_look_at_the_header(post, held):
    require_certificates(held.source.slug, [], actor=SYSTEM)

    assert post("nonsense", peer="192.0.2.1") == (202, "")


def test_a_refusal_leaves_its_neighbours_alone(held, mine):
    other = add_source("alertmanager", "Other", actor=SYSTEM)
    posts = [
        Post(kind="alertmanager", token=token, headers=JSON, body=b"{}")
        for token in (held.token, other.token, held.token)
    ]

    assert [answer.status for answer in answer_all(posts)] == [401, 202, 401]


def test_under_django_the_connection_s_address_counts_too(held, mine, client):
    path = f"/hooks/alertmanager/{held.token}"
    sent = {"content_type": "application/json", "headers": {"Client-Cert": mine.header}}

    assert client.generic("POST", path, b"{}", REMOTE_ADDR=PROXY, **sent).status_code == 202
    assert client.generic("POST", path, b"{}", REMOTE_ADDR="10.0.0.6", **sent).status_code == 401


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        ((PROXY, 5000), 1, 202),
        (("10.0.0.6", 5000), 1, 401),
        ((PROXY, 5000), 2, 401),
        (None, 1, 401),
        ((PROXY, 0), 0, 401),
    ],
)
async def test_the_address_and_the_headers_come_from_the_server(held, mine, client, headers, status, monkeypatch):
    monkeypatch.setattr("core.doorbell._send", lambda *_: None)
    named = [(b"content-type", b"application/json"), *[(b"client-cert", mine.header.encode())] * headers]
    path = f"/hooks/alertmanager/{held.token}"
    scope = {"type": "http", "method": "POST", "path": path, "headers": named, "client": client, "scheme": "http"}
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"{}"}

    async def send(message):
        sent.append(message)

    await asyncio.wait_for(answer_posts(None)(scope, receive, send), 20)

    assert sent[0]["status"] == status


@pytest.mark.urls("connectors.urls")
def test_a_source_that_is_held_to_a_certificate_has_no_mailbox(settings, mine):
    from connectors.intake import mailboxes

    made = add_source("email", "Mail", actor=SYSTEM)
    assert mailboxes.source_of(f"{made.mailbox}@x") == made.source

    require_certificates(made.source.slug, [told(mine.pem)], actor=SYSTEM)
    post = Post(kind="email", known=Source.objects.get().token_sha256, headers={"content-type": "message/rfc822"})

    assert mailboxes.source_of(f"{made.mailbox}@x") is None
    assert answer_all([post])[0].status == 401
