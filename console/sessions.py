"""Browser sessions: begun by signing in, ended by signing out, by silence, by age, or by whoever owns them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse

from core import clock, live
from people.models import BrowserSession, Person
from people.models.session import public_id

BACKEND: Final = "django.contrib.auth.backends.ModelBackend"
STARTED, VERIFIED = "started_at", "verified_at"
NOTED_EVERY: Final = timedelta(minutes=1)

Handler = Callable[[HttpRequest], HttpResponse]


def begin(request: HttpRequest, person: Person, *, how: str, verified_at: datetime | None) -> BrowserSession:
    """Sign a person in: the session gets a new key, so that one planted before is worth nothing.

    Args:
        request: of the browser that showed who it is.
        person: who it is.
        how: passkey, oidc or link.
        verified_at: when the person was last seen to be there: by touch and PIN, or as the provider says.
    """
    old = request.session.session_key
    request.session.flush()  # nothing of an earlier session stays, not even of the same person
    login(request, person, backend=BACKEND)
    if old:
        BrowserSession.objects.filter(session_key=old).delete()
    now = clock.now()
    BrowserSession.objects.filter(started_at__lt=now - timedelta(seconds=settings.SESSION_MAX_S)).delete()
    request.session[STARTED] = clock.rfc3339(now)
    note_verified(request, verified_at)
    request.session.set_expiry(int(settings.SESSION_MAX_S))
    request.session.save()
    return _row(request, person, now, how)


def end(request: HttpRequest) -> None:
    """Sign out: the session's data goes, and its sockets close."""
    key = request.session.session_key
    logout(request)
    if key:
        BrowserSession.objects.filter(session_key=key).delete()
        live.ended(public_id(key))


def note_verified(request: HttpRequest, at: datetime | None) -> None:
    """Keep when the person was last seen to be there; a later word never makes it older."""
    if at is not None:
        request.session[VERIFIED] = clock.rfc3339(min(at, clock.now()))


def verified_at(request: HttpRequest) -> datetime | None:
    """When the person was last seen to be there."""
    told = request.session.get(VERIFIED)
    return clock.from_rfc3339(told) if told else None


def current_id(request: HttpRequest) -> str:
    """The public id of this browser's session."""
    return public_id(request.session.session_key or "")


def alive(session: SessionBase, person: Person) -> BrowserSession | None:
    """The session's row while it holds: begun here, not silent for too long, not too old, and of this person."""
    row = BrowserSession.objects.filter(session_key=session.session_key, person=person).first()
    if row is None or row.serves != settings.SERVE:
        return None
    now = clock.now()
    idle, age = now - row.seen_at, now - row.started_at
    fresh = idle < timedelta(seconds=settings.SESSION_IDLE_S) and age < timedelta(seconds=settings.SESSION_MAX_S)
    return row if fresh else None


def session_limits(get_response: Handler) -> Handler:
    """Sign out whoever was silent for too long or signed in too long ago; note when somebody does something."""

    def handle(request: HttpRequest) -> HttpResponse:
        person = request.user
        if isinstance(person, Person):
            row = alive(request.session, person) or _adopted(request, person)
            if row is None:
                end(request)
            elif _is_deed(request) and clock.now() - row.seen_at > NOTED_EVERY:
                BrowserSession.objects.filter(pk=row.pk).update(seen_at=clock.now())
        return get_response(request)

    return handle


def _adopted(request: HttpRequest, person: Person) -> BrowserSession | None:
    """A session that something else than a page began, such as a test: its life is counted from its first request."""
    key = request.session.session_key
    if not key or STARTED in request.session or BrowserSession.objects.filter(session_key=key).exists():
        return None
    now = clock.now()
    request.session[STARTED] = clock.rfc3339(now)
    return _row(request, person, now, "")


def _row(request: HttpRequest, person: Person, now: datetime, how: str) -> BrowserSession:
    key = request.session.session_key or ""
    row, _ = BrowserSession.objects.update_or_create(
        id=public_id(key),
        defaults={
            "session_key": key,
            "person": person,
            "how": how,
            "serves": settings.SERVE,
            "browser": request.headers.get("User-Agent", "")[:200],
            "started_at": now,
            "seen_at": now,
        },
    )
    return row


def _is_deed(request: HttpRequest) -> bool:
    """Whether a person did this; a page that refreshes itself is not a person."""
    return not (request.method == "GET" and request.headers.get("HX-Request") == "true")
