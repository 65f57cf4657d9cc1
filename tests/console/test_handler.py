"""One thread a request, whatever stands between the door and the view."""

import threading
from typing import Any

import pytest
from asgiref.sync import SyncToAsync
from asgiref.testing import ApplicationCommunicator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import override_settings
from django.urls import path

from console.handler import Handler

SEEN: list[int] = []
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


urlpatterns = [path("view", view), path("long", long), path("falls", falls)]


async def ask(where: str) -> tuple[int, bytes]:
    """Status and body."""
    scope = {"type": "http", "method": "GET", "path": where, "query_string": b"", "headers": [], "http_version": "1.1"}
    link = ApplicationCommunicator(Handler(), scope)
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


async def test_a_request_goes_into_a_thread_once_for_its_answer(monkeypatch):
    entered: list[str] = []
    real = SyncToAsync.__call__

    async def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        entered.append(getattr(self.func, "__qualname__", "a signal"))
        return await real(self, *args, **kwargs)

    monkeypatch.setattr(SyncToAsync, "__call__", counted)
    assert await ask("/view") == (200, b"seen")
    ends = [name for name in entered if name.endswith(("close", "send"))]  # of the request's signals
    assert [name for name in entered if name not in ends] == ["BaseHandler.get_response"]
    assert len(set(SEEN)) == 1
    assert SEEN[0] != threading.get_ident()


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")  # as the application does
async def test_an_answer_in_pieces_arrives_whole():
    assert await ask("/long") == (200, b"one two")


async def test_a_defect_is_a_plain_500():
    status, body = await ask("/falls")
    assert status == 500
    assert b"RuntimeError" not in body
