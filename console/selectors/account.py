"""What somebody's own account page shows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from core import clock
from people.models import Account, ApiToken, Person, SignInPasskey
from people.scopes import SCOPES

HOW: Final = {"passkey": "by passkey", "oidc": "by company sign-in", "link": "by one-time link", "": "otherwise"}
BROWSERS: Final = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLine:
    """One signed-in browser."""

    id: str
    name: str
    how: str
    serves: str
    started_at: datetime
    seen_at: datetime
    ends_at: datetime
    is_this: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleLine:
    """One role and where it is held."""

    role: str
    where: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """The page."""

    person: Person
    roles: Sequence[RoleLine]
    sessions: Sequence[SessionLine]
    tokens: Sequence[ApiToken]
    passkeys: Sequence[SignInPasskey]
    accounts: Sequence[Account]
    scopes: Sequence[tuple[str, str]]
    company: bool


def read(person: Person, this_session: str) -> Mine:
    """Everything that is this person's to look after."""
    now = clock.now()
    return Mine(
        person=person,
        roles=_roles(person),
        sessions=_sessions(person, this_session, now),
        tokens=list(ApiToken.objects.filter(person=person, expires_at__gt=now).order_by("-created_at")),
        passkeys=list(person.passkeys.order_by("-created_at")),
        accounts=list(person.accounts.order_by("created_at")),
        scopes=sorted(SCOPES.items()),
        company=bool(settings.OIDC_ISSUER),
    )


def _roles(person: Person) -> list[RoleLine]:
    rows = person.role_grants.order_by("role", "scope").values_list("role", "scope", "source")
    return [
        RoleLine(
            role=role,
            where=scope.partition(":")[2] if scope else "everywhere",
            source="from your company's groups" if source else "",
        )
        for role, scope, source in rows
    ]


def _sessions(person: Person, this_session: str, now: datetime) -> list[SessionLine]:
    idle, longest = timedelta(seconds=settings.SESSION_IDLE_S), timedelta(seconds=settings.SESSION_MAX_S)
    lines = []
    for row in person.browser_sessions.order_by("-seen_at"):
        ends_at = min(row.seen_at + idle, row.started_at + longest)
        if ends_at <= now:
            continue
        lines.append(
            SessionLine(
                id=row.pk,
                name=browser_name(row.browser),
                how=HOW.get(row.how, "otherwise"),
                serves=row.serves,
                started_at=row.started_at,
                seen_at=row.seen_at,
                ends_at=ends_at,
                is_this=row.pk == this_session,
            )
        )
    return lines


def browser_name(text: str) -> str:
    """What a browser calls itself, in words: enough to recognise one's own."""
    kind = next((name for mark, name in BROWSERS if mark in text), "")
    system = next((name for mark, name in SYSTEMS if mark in text), "")
    if kind and system:
        return f"{kind} on {system}"
    return kind or re.sub(r"[^\x20-\x7e]", "", text)[:40] or "An unnamed browser"
