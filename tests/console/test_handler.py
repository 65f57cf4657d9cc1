"""One thread a request, whatever stands between the door and the view."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import SyncToAsync
from asgiref.testing import ApplicationCommunicator
from django.core import signals
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import override_settings
from django.urls import path

from console.handler import Handler

SEEN: list[int] = []
ENDED = threading.Event()
HERE = __name__


def outer(get_response: Any) -> Any:
    """A middleware that notes its thread on the way in and out."""

    def handle(request: HttpRequest) -> HttpResponse:
        SEEN.append(threading.get_ident())
        response: HttpResponse = get_response(request)
        SEEN.append(threading.get_ident())
        return response

    return handle


def view(_request: HttpRequest) -> HttpResponse:
    """A view that does the same."""
    SEEN.append(threading.get_ident())
    return HttpResponse("seen")


def long(_request: HttpRequest) -> StreamingHttpResponse:
    """An answer in pieces."""
    return StreamingHttpResponse(iter([b"one ", b"two"]))


def falls(_request: HttpRequest) -> HttpResponse:
    """A view with a defect."""
    raise RuntimeError


async def endless(_request: HttpRequest) -> StreamingHttpResponse:
    """An answer without an end."""

    async def pieces() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"more "
                await asyncio.sleep(0.01)
        finally:
            ENDED.set()

    return StreamingHttpResponse(pieces())


urlpatterns = [path("view", view), path("long", long), path("falls", falls), path("endless", endless)]


def scope_of(where: str) -> dict[str, Any]:
    """A request as a server tells of it."""
    return {"type": "http", "method": "GET", "path": where, "query_string": b"", "headers": [], "http_version": "1.1"}


async def ask(where: str) -> tuple[int, bytes]:
    """Status and body."""
    link = ApplicationCommunicator(Handler(), scope_of(where))
    await link.send_input({"type": "http.request", "body": b"", "more_body": False})
    status, body = (await link.receive_output(5))["status"], b""
    while True:
        part = await link.receive_output(5)
        body += part.get("body", b"")
        if not part.get("more_body"):
            await link.wait(5)
            return status, body


@pytest.fixture(autouse=True)
def here():
    """This module's addresses, behind Django's own middleware and ours."""
    SEEN.clear()
    chain = ["django.middleware.common.CommonMiddleware", f"{HERE}.outer", "django.middleware.csrf.CsrfViewMiddleware"]
    with override_settings(ROOT_URLCONF=HERE, MIDDLEWARE=chain, ALLOWED_HOSTS=["*"]):
        yield


async def test_a_request_is_carried_into_a_thread_once(monkeypatch):
    monkeypatch.setattr(SyncToAsync, "__call__", None)  # no other way from the loop into a thread is taken
    assert await ask("/view") == (200, b"seen")
    assert len(SEEN) == 3
    assert len(set(SEEN)) == 1
    assert SEEN[0] != threading.get_ident()


async def test_the_request_is_over_in_the_thread_that_answered_it():
    def note(**_: object) -> None:
        SEEN.append(threading.get_ident())

    signals.request_finished.connect(note)
    try:
        assert await ask("/view") == (200, b"seen")
    finally:
        signals.request_finished.disconnect(note)
    assert len(SEEN) == 4
    assert len(set(SEEN)) == 1


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")
async def test_whoever_leaves_in_the_middle_of_a_long_answer_ends_it():
    link = ApplicationCommunicator(Handler(), scope_of("/endless"))
    await link.send_input({"type": "http.request", "body": b"", "more_body": False})
    assert (await link.receive_output(5))["status"] == 200
    await link.receive_output(5)
    await link.send_input({"type": "http.disconnect"})
    await link.wait(5)
    assert ENDED.wait(5)


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")  # as the application does
async def test_an_answer_in_pieces_arrives_whole():
    assert await ask("/long") == (200, b"one two")


async def test_a_defect_is_a_plain_500():
    status, body = await ask("/falls")
    assert status == 500
    assert b"RuntimeError" not in body
