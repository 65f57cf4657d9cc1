"""Judge what is posted to hooks, and keep what is taken: many posts in one transaction, durable before any answer."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.http import parse_header_parameters

from audit import quotas
from connectors.intake import backlog, envelopes, handshakes, headers, sns_door
from connectors.intake.cert_door import require_certificate
from connectors.intake.refusals import CONTENT_TYPE, problem
from connectors.intake.signed_door import require_signed
from connectors.models import Delivery, Source
from connectors.registry import ALERT_SOURCES, canonical_kind
from connectors.services.accept import accept_all, delivery_of
from connectors.services.drain import raw
from connectors.told import Source as Adapter
from core import bulk
from core.errors import ConsoleError, NotSignedInError, UnsupportedMediaError

METHODS: Final = ("OPTIONS", "POST")
CHECKS: Final[Mapping[str, Callable[[bytes], str]]] = {"aws": sns_door.verdict_on}
"""Kinds of sources that sign, each with what finds out whether rightly. It may ask outside, and so take its time."""


class WrongMethodError(ConsoleError):
    """Hooks take POST alone."""

    code, status, title = "wrong-method", 405, "Wrong method"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A request to a hook.

    Attributes:
        known: the digest of the token, of a sender who was recognised by something else: a mail address.
        headers: by lower-case name.
        peer: the address at the other end of our connection, which may be a proxy; empty where it is not known.
    """

    method: str = "POST"
    kind: str
    token: str = ""
    known: str = ""
    headers: Mapping[str, str]
    body: bytes = b""
    peer: str = ""

    @property
    def digest(self) -> str:
        """What is stored of the token."""
        return self.known or hashlib.sha256(self.token.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the sender gets."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Taken:
    delivery: Delivery
    value: Any
    adapter: Adapter | None


def answer_all(posts: Sequence[Post], *, ring: bool = True) -> list[Answer]:
    """Answer posts in their order: what is taken is stored by then, in one transaction; what is not leaves nothing.

    Raises:
        DatabaseError: Nothing was stored, and nobody may be told otherwise.
    """
    sources = _sources({post.digest for post in posts})
    judged = [_judge(post, sources.get(post.digest)) for post in posts]
    taken = [one.delivery for one in judged if isinstance(one, _Taken)]
    if taken:
        accept_all(taken, ring=ring)
    return [_accepted(one) if isinstance(one, _Taken) else one for one in judged]


def refusal(error: ConsoleError) -> Answer:
    """An expected error, as the sender gets it."""
    more = {"Content-Type": CONTENT_TYPE}
    if error.status == 503:
        more["Retry-After"] = str(backlog.RETRY_AFTER_S)
    if error.status == 405:
        more["Allow"] = ", ".join(METHODS)
    return Answer(status=error.status, body=problem(error), headers=more)


def _sources(digests: Iterable[str]) -> dict[str, Source]:
    return {
        source.token_sha256: source for source in bulk.find(Source, "token_sha256", list(digests)) if source.is_active
    }


def _judge(post: Post, source: Source | None) -> _Taken | Answer:
    try:
        if post.method not in METHODS:
            detail = f"A hook takes POST, and this was {post.method}."
            raise WrongMethodError(detail)
        source = _known(source, post.kind)
        require_certificate(source, post.headers, post.peer)
        if post.method == "OPTIONS":
            return Answer(status=200, headers=handshakes.permission(post.headers))
        return _take(post, source)
    except ConsoleError as error:
        return refusal(error)


def _known(source: Source | None, kind: str) -> Source:
    """The source of a token. Unknown, switched off and of another kind get one answer."""
    if source is None or canonical_kind(source.kind) != canonical_kind(kind):
        quotas.strangers.count("delivery.refused", "intake:hooks")
        detail = "No active source has this address. Look at the source's page, or make one: ./manage.py source add."
        raise NotSignedInError(detail)
    return source


def _take(post: Post, source: Source) -> _Taken:
    adapter = ALERT_SOURCES.get(canonical_kind(source.kind))
    media, charset = _media(post)
    envelopes.require_media(media, charset, adapter.media if adapter is not None else ())
    if post.headers.get("content-encoding", "identity").lower() != "identity":
        detail = "Send the body without a Content-Encoding."
        raise UnsupportedMediaError(detail)
    require_signed(source, post.headers, post.body)
    value, warnings = envelopes.opened(post.body, media)
    verdict = CHECKS[source.kind](envelopes.unwrap(post.body, media)) if source.kind in CHECKS else ""
    backlog.require_room(source)
    kept = headers.kept(post.headers.items())
    return _Taken(delivery_of(source, post.body, headers=kept, warnings=warnings, verdict=verdict), value, adapter)


def _media(post: Post) -> tuple[str, str | None]:
    """The media type and the charset that a post names."""
    try:
        media, parameters = parse_header_parameters(post.headers.get("content-type", ""))
    except (LookupError, ValueError) as error:
        detail = "The Content-Type cannot be read; send application/json."
        raise UnsupportedMediaError(detail) from error
    return media, parameters.get("charset")


def _accepted(one: _Taken) -> Answer:
    reply = handshakes.answer(one.adapter, raw(one.delivery, one.value)) if one.adapter is not None else None
    usual = one.adapter.accepted if one.adapter is not None else 202
    status, body = (200, reply) if reply is not None else (usual, {"delivery_id": one.delivery.uid})
    return Answer(status=status, body=json.dumps(body).encode(), headers={"Content-Type": "application/json"})
