"""The one socket of a page: the server names what changed, the page fetches it under ordinary permissions."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, cast
from urllib.parse import urlsplit

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host

from console import sessions, topics
from core import live
from core.actors import Actor
from core.permissions import scopes_read
from people.models import Person
from people.models.session import public_id

BEAT_S = 4.0
"""A page that hears nothing for ten seconds says that it is not live."""
CHECK_EVERY = 5
"""Every how many beats session and roles are looked up again."""
NOT_SIGNED_IN = 4401


App = Callable[..., Awaitable[Any]]


def same_origin(app: App) -> App:
    """Refuse sockets that a page of another origin opens: the browser would send our cookie along."""

    async def guarded(scope: dict[str, Any], receive: App, send: App) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if is_ours(headers.get("origin", ""), headers.get("host", "")):
            await app(scope, receive, send)
        else:
            await WebsocketDenier()(cast("Any", scope), receive, cast("Any", send))

    return guarded


def is_ours(origin: str, host: str) -> bool:
    """Whether an Origin header names our public address, or the very host that was asked if we answer to it."""
    if origin == settings.HERE_URL:
        return True
    parts = urlsplit(origin)
    name = split_domain_port(host)[0]
    return parts.scheme in {"http", "https"} and parts.netloc == host and validate_host(name, settings.ALLOWED_HOSTS)


class Live(AsyncJsonWebsocketConsumer):
    """Sends `{"topics": [...]}` when something changed, and `{"beat": true}` to show that the line is alive."""

    _beats: "asyncio.Task[None] | None" = None
    _actor: Actor

    async def connect(self) -> None:
        """Let signed-in people in; everybody else is refused before the handshake."""
        if not await self._still_signed_in():
            await self.close(NOT_SIGNED_IN)
            return
        live.live_here()
        await self.channel_layer.group_add(live.GROUP, self.channel_name)
        await self.accept()
        self._beats = asyncio.create_task(self._beat())

    async def disconnect(self, code: int) -> None:  # noqa: ARG002 -- channels' signature
        """Leave the group and stop the beats."""
        await self.channel_layer.group_discard(live.GROUP, self.channel_name)
        if self._beats is not None:
            self._beats.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._beats

    async def receive(
        self,
        text_data: str | None = None,
        bytes_data: bytes | None = None,
        **kwargs: Any,  # noqa: ANN401 -- channels' signature
    ) -> None:
        """Nothing is asked over the socket; what is sent is ignored."""

    async def live_changed(self, event: dict[str, Any]) -> None:
        """Pass on the names of what this person may read, never state."""
        named = event["topics"]
        everywhere = scopes_read(self._actor) is None
        heard = topics.heard(self._actor, named) if everywhere else await self._heard(named)
        if heard:
            await self.send_json({"topics": heard})

    async def live_ended(self, event: dict[str, Any]) -> None:
        """Close if it is our session that ended."""
        if public_id(self.scope["session"].session_key or "") in event["sessions"]:
            await self.close(NOT_SIGNED_IN)

    async def _beat(self) -> None:
        count = 0
        while True:
            await self.send_json({"beat": True})
            await asyncio.sleep(BEAT_S)
            count += 1
            if count % CHECK_EVERY == 0 and not await self._still_signed_in():
                await self.close(NOT_SIGNED_IN)
                return

    @database_sync_to_async
    def _heard(self, wanted: list[str]) -> list[str]:
        return topics.heard(self._actor, wanted)

    @database_sync_to_async
    def _still_signed_in(self) -> bool:
        session = self.scope["session"]
        if not session.session_key or not session.exists(session.session_key):
            return False
        request = HttpRequest()
        request.session = session
        user = get_user(request)
        if not isinstance(user, Person) or not user.is_active or sessions.alive(session, user) is None:
            return False
        self._actor = user.as_actor()
        return True
