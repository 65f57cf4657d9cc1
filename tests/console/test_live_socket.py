"""The socket: signed-in people alone, of our own origin alone, names alone."""

import json

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from channels.layers import get_channel_layer
from django.contrib.sessions.backends.db import SessionStore

from console.application import application
from console.consumers import is_ours
from core import clock, live
from core.actors import SYSTEM
from people.models import BrowserSession
from people.models.session import public_id
from people.services.grant_role import grant_role
from tests.console import world

pytestmark = pytest.mark.django_db(transaction=True)


def session_of(person):
    store = SessionStore()
    store["_auth_user_id"] = person.pk
    store["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
    store["_auth_user_hash"] = person.get_session_auth_hash()
    store.save()
    now = clock.now()
    BrowserSession.objects.create(
        id=public_id(store.session_key),
        session_key=store.session_key,
        person=person,
        serves="console",
        started_at=now,
        seen_at=now,
    )
    return store.session_key


async def connect(cookie="", origin="http://localhost:8000", host="localhost:8000"):
    headers = [(b"host", host.encode()), (b"origin", origin.encode())]
    if cookie:
        headers.append((b"cookie", f"sessionid={cookie}".encode()))
    scope = {"type": "websocket", "path": "/ws/live/", "headers": headers, "query_string": b"", "subprotocols": []}
    socket = ApplicationCommunicator(application, scope)
    await socket.send_input({"type": "websocket.connect"})
    return socket, await socket.receive_output(timeout=5)


async def leave(socket):
    await socket.send_input({"type": "websocket.disconnect", "code": 1000})
    await socket.wait(timeout=5)


async def test_it_names_what_changed_and_nothing_else():
    cast = await sync_to_async(world.cast)()
    socket, answer = await connect(await sync_to_async(session_of)(cast["ada"]))
    assert answer["type"] == "websocket.accept"
    assert json.loads((await socket.receive_output(timeout=5))["text"]) == {"beat": True}
    await get_channel_layer().group_send(live.GROUP, {"type": "live.changed", "topics": ["incident:42", "queue"]})
    assert json.loads((await socket.receive_output(timeout=5))["text"]) == {"topics": ["incident:42", "queue"]}
    await leave(socket)


async def test_it_names_only_what_the_person_may_read():
    cast = await sync_to_async(world.cast)()
    await sync_to_async(world.catalogue)()
    about_payments = await sync_to_async(world.incident)()
    about_gateway = await sync_to_async(world.incident)("gateway is slow", service="gateway")
    await sync_to_async(grant_role)("mallory", "viewer", scope="team:store", actor=SYSTEM)
    socket, _ = await connect(await sync_to_async(session_of)(cast["mallory"]))
    await socket.receive_output(timeout=5)
    topics = ["audit", about_gateway.subject, "queue", about_payments.subject, "made-up"]
    await get_channel_layer().group_send(live.GROUP, {"type": "live.changed", "topics": [about_gateway.subject]})
    await get_channel_layer().group_send(live.GROUP, {"type": "live.changed", "topics": topics})
    assert json.loads((await socket.receive_output(timeout=5))["text"]) == {"topics": ["queue", about_payments.subject]}
    await leave(socket)


async def test_what_a_page_sends_is_ignored():
    cast = await sync_to_async(world.cast)()
    socket, _ = await connect(await sync_to_async(session_of)(cast["ada"]))
    await socket.receive_output(timeout=5)
    await socket.send_input({"type": "websocket.receive", "text": "{not json"})
    assert await socket.receive_nothing(timeout=0.2)
    await leave(socket)


async def test_nobody_listens_without_signing_in():
    await sync_to_async(world.cast)()
    for cookie in ("", "not-a-session"):
        _, answer = await connect(cookie)
        assert answer["type"] == "websocket.close"


async def test_a_page_of_another_origin_cannot_use_our_cookie():
    cast = await sync_to_async(world.cast)()
    cookie = await sync_to_async(session_of)(cast["ada"])
    for origin in ("http://evil.example", "http://localhost:9999", "null", ""):
        _, answer = await connect(cookie, origin=origin)
        assert answer["type"] == "websocket.close", origin


@pytest.mark.parametrize(
    ("origin", "host", "ours"),
    [
        ("http://localhost:8000", "localhost:8000", True),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", True),
        ("http://rebound.example", "rebound.example", False),
        ("http://localhost:8000.evil.example", "localhost:8000", False),
        ("file://localhost:8000", "localhost:8000", False),
    ],
)
def test_an_origin_is_ours_if_it_is_the_public_address_or_a_host_we_answer_to(origin, host, ours, settings):
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    assert is_ours(origin, host) is ours


async def test_signing_out_closes_the_socket(monkeypatch):
    monkeypatch.setattr("console.consumers.BEAT_S", 0.02)
    cast = await sync_to_async(world.cast)()
    cookie = await sync_to_async(session_of)(cast["ada"])
    socket, _ = await connect(cookie)
    await sync_to_async(SessionStore(cookie).delete)()
    for _ in range(50):
        message = await socket.receive_output(timeout=5)
        if message["type"] == "websocket.close":
            break
    assert message == {"type": "websocket.close", "code": 4401} or message["code"] == 4401
    await leave(socket)
