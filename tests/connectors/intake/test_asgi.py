import json

import pytest

from connectors.intake import asgi
from connectors.intake.asgi import answer_posts, limit_body
from connectors.models import Delivery
from tests.connectors.intake.conftest import aside

STORES = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_bell(monkeypatch):
    monkeypatch.setattr("core.doorbell._send", lambda *_args, **_more: None)


async def stored():
    return await aside(lambda: [one.uid for one in Delivery.objects.all()])


class Talk:
    """One request, piece by piece, and what was answered."""

    def __init__(self, *chunks, path="/hooks/x/y", headers=(), then=None):
        last = len(chunks) - 1
        self.coming = [
            {"type": "http.request", "body": chunk, "more_body": number < last} for number, chunk in enumerate(chunks)
        ]
        self.coming += [then] if then else []
        self.scope = {"type": "http", "path": path, "headers": list(headers)}
        self.sent, self.seen, self.read = [], None, 0

    async def receive(self):
        self.read += 1
        return self.coming.pop(0) if self.coming else {"type": "http.disconnect"}

    async def send(self, message):
        self.sent.append(message)

    async def inner(self, scope, receive, send):
        self.seen = []
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            self.seen.append(message)

    async def run(self):
        await limit_body(self.inner)(self.scope, self.receive, self.send)
        return self

    @property
    def problem(self):
        return json.loads(self.sent[1]["body"])


@pytest.fixture(autouse=True)
def ten_bytes(settings):
    settings.INTAKE_MAX_BYTES = 10


async def test_what_fits_is_handed_on_in_one_piece():
    talk = await Talk(b"12345", b"67890").run()

    assert talk.seen == [{"type": "http.request", "body": b"1234567890", "more_body": False}]
    assert talk.sent == []


@pytest.mark.parametrize(("chunks", "read"), [(3, 3), (10, 10), (1000, 20)])
async def test_a_stream_past_the_limit_is_heard_out_within_bounds_and_gets_a_413(chunks, read):
    talk = await Talk(*[b"12345"] * chunks).run()

    assert talk.seen is None
    assert talk.sent[0]["status"] == talk.problem["status"] == 413
    assert (b"content-type", b"application/problem+json") in talk.sent[0]["headers"]
    assert talk.read == read


@pytest.mark.parametrize(("length", "status"), [(b"11", 413), (b"9" * 5000, 413), (b"-1", 400), (b"ten", 400)])
async def test_an_announced_length_is_judged_before_anything_is_read(length, status):
    talk = await Talk(b"x", headers=[(b"Content-Length", length), (b"expect", b"100-continue")]).run()

    assert talk.sent[0]["status"] == status
    assert talk.read == 0


@pytest.mark.parametrize("said", [b"application/json; charset=utf-8\x00", b"application/json\r\nx: y", b"\x7f"])
async def test_a_content_type_with_a_control_character_is_refused_below_django(said):
    talk = await Talk(b"{}", headers=[(b"content-type", said)]).run()

    assert talk.problem["status"] == 415
    assert talk.seen is None


async def test_a_sender_that_hangs_up_is_forgotten():
    talk = Talk()

    await talk.run()

    assert (talk.seen, talk.sent) == (None, [])


async def test_a_slow_sender_is_told_so(monkeypatch):
    import asyncio

    monkeypatch.setattr(asgi, "READ_TIMEOUT_S", 0.01)
    talk = Talk()

    async def never():
        await asyncio.sleep(30)

    talk.receive = never
    await talk.run()

    assert talk.problem["status"] == 408


@pytest.mark.parametrize("path", ["/", "/api/v1/incidents/", "/hooksy"])
async def test_other_paths_are_left_alone(path):
    talk = await Talk(b"1234567890", b"more", path=path).run()

    assert b"".join(message["body"] for message in talk.seen) == b"1234567890more"


async def test_sockets_are_left_alone():
    passed = []

    async def inner(scope, receive, send):
        passed.append(scope["type"])

    await limit_body(inner)({"type": "websocket", "path": "/hooks/x"}, None, None)

    assert passed == ["websocket"]


class Post:
    """One post to a hook, and whether it was handed on."""

    def __init__(self, path, method="POST", scheme="http", body=b'{"alerts": []}', headers=()):
        named = [(b"Content-Type", b"application/json"), *headers]
        self.scope = {"type": "http", "path": path, "method": method, "scheme": scheme, "headers": named}
        self.body, self.sent, self.handed_on = body, [], False

    async def run(self):
        async def receive():
            return {"type": "http.request", "body": self.body, "more_body": False}

        async def send(message):
            self.sent.append(message)

        async def inner(_scope, _receive, _send):
            self.handed_on = True

        await answer_posts(inner)(self.scope, receive, send)
        return self


@STORES
@pytest.mark.parametrize("slash", ["", "/"])
async def test_a_post_is_answered_below_django(endpoint, slash):
    talk = await Post(f"/hooks/alertmanager/{endpoint.token}{slash}").run()

    start, body = talk.sent
    assert start["status"] == 202
    assert dict(start["headers"])[b"content-type"] == b"application/json"
    assert dict(start["headers"])[b"content-length"] == str(len(body["body"])).encode()
    assert await stored() == [json.loads(body["body"])["delivery_id"]]
    assert not talk.handed_on


@pytest.mark.parametrize(
    ("path", "method"),
    [("/hooks/alertmanager/x", "GET"), ("/hooks/alertmanager/x", "OPTIONS"), ("/hooks/x", "POST"), ("/a/b/c", "POST")],
)
async def test_all_else_is_handed_on(path, method):
    talk = await Post(path, method).run()

    assert talk.handed_on
    assert talk.sent == []


@STORES
@pytest.mark.parametrize(
    ("scheme", "forwarded", "behind_proxy", "taken"),
    [
        ("https", b"", False, True),
        ("http", b"", False, False),
        ("http", b"https", False, False),
        ("http", b"https", True, True),
        ("http", b"http", True, False),
    ],
)
async def test_where_there_must_be_tls_a_post_without_it_is_left_to_django(
    endpoint, settings, scheme, forwarded, behind_proxy, taken
):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if behind_proxy else None
    headers = [(b"X-Forwarded-Proto", forwarded)] if forwarded else []

    talk = await Post(f"/hooks/alertmanager/{endpoint.token}", scheme=scheme, headers=headers).run()

    assert talk.handed_on is not taken
    assert len(await stored()) == int(taken)
