"""Requests to Django from ASGI, each in one thread from its first middleware to its answer."""

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class Handler(ASGIHandler):
    """Django's own, except that the way in and out is not cut into pieces.

    Our middleware and views are all synchronous. Django would go from the loop to a thread, back to the loop and to the
    thread again on every request, since its own part in the middle is asynchronous under ASGI.
    """

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 -- Django's signature
        """All of it as under WSGI."""
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """The answer."""
        answer: HttpResponseBase = await sync_to_async(self.get_response)(request)
        return answer
