"""Requests to Django from ASGI, each in one thread from its first middleware to the end of its answer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from typing import Any, cast

from asgiref.sync import sync_to_async
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.db import close_old_connections
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

THREADS = 32
"""Requests worked on at once; few of them hold a connection to the database at any moment, and those are pooled."""

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class Handler(ASGIHandler):
    """Django's own, except that a request is carried into a thread once, and the threads are kept.

    All our middleware and views are synchronous. Django would make a thread and a wrapper of the database for each
    request, and go back and forth between it and the loop five times, which costs as much as reading a page of a list.
    """

    def __init__(self) -> None:
        super().__init__()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="request")

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 -- Django's signature
        """All of it as under WSGI."""
        super().load_middleware(is_async=False)

    async def handle(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Read the request, answer it in a thread, and send the answer."""
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with body:
            set_script_prefix(get_script_prefix(scope))
            request, refusal = self.create_request(scope, body)
            if request is None:
                await self.send_response(cast("HttpResponseBase", refusal), send)
                return
            run, loop = copy_context().run, asyncio.get_running_loop()
            answer = await loop.run_in_executor(self._threads, run, self._answer, request, scope)
            if answer.streaming:
                await self._stream(answer, receive, send)
            else:
                await self.send_response(answer, send)

    def _answer(self, request: HttpRequest, scope: dict[str, Any]) -> HttpResponseBase:
        signals.request_started.send(sender=self.__class__, scope=scope)
        response: HttpResponseBase = self.get_response(request)
        response._handler_class = self.__class__  # type: ignore[attr-defined]  # noqa: SLF001 -- as Django's own does
        if not response.streaming:
            response.close()  # here, where its connection to the database is
            return response
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size
        close_old_connections()  # its pieces are made in a thread of their own
        return response

    async def _stream(self, answer: HttpResponseBase, receive: Receive, send: Send) -> None:
        """Send piece by piece, until the other side goes."""
        sending = asyncio.ensure_future(self.send_response(answer, send))
        leaving = asyncio.ensure_future(receive())
        await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        for task in (leaving, sending):
            task.cancel()
        try:
            with suppress(asyncio.CancelledError):
                await sending
        finally:
            await sync_to_async(answer.close)()
