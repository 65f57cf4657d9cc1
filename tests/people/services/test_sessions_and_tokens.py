"""end_sessions, deactivate_person, revoke_token: what is somebody's ends when they, or an admin, say so."""

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session

from core import clock
from core.actors import SYSTEM
from core.errors import NotFoundError, NotPermittedError
from people.models import ApiToken, BrowserSession
from people.models.session import public_id
from people.services.add_token import add_token
from people.services.deactivate_person import deactivate_person
from people.services.end_sessions import end_sessions
from people.services.revoke_token import revoke_token

pytestmark = pytest.mark.django_db


def session_of(person):
    store, now = SessionStore(), clock.now()
    store["_auth_user_id"] = person.pk
    store.save()
    return BrowserSession.objects.create(
        id=public_id(store.session_key), session_key=store.session_key, person=person, serves="console",
        started_at=now, seen_at=now,
    )  # fmt: skip


def test_one_ends_one_or_all_but_this_one(ada):
    first, second, third = (session_of(ada) for _ in range(3))
    assert end_sessions(ada, actor=ada.as_actor(), only=first.pk) == 1
    assert end_sessions(ada, actor=ada.as_actor(), but=third.pk) == 1

    assert list(Session.objects.values_list("session_key", flat=True)) == [third.session_key]
    assert [row.pk for row in BrowserSession.objects.all()] == [third.pk]
    assert second.pk != third.pk


def test_nobody_ends_somebody_elses_by_its_id(ada, mallory):
    theirs = session_of(ada)

    assert end_sessions(mallory, actor=mallory.as_actor(), only=theirs.pk) == 0
    with pytest.raises(NotPermittedError):
        end_sessions(ada, actor=mallory.as_actor())
    assert BrowserSession.objects.count() == 1


def test_who_is_deactivated_is_out_everywhere(ada, oda):
    session_of(ada)
    add_token("ada", ["ledger:read"], actor=SYSTEM)
    deactivate_person("ada", actor=oda.as_actor(), why="left")

    assert [model.objects.count() for model in (Session, BrowserSession, ApiToken)] == [0, 0, 0]
    assert ada.as_actor().roles == {"operator"}  # this copy is from before
    ada.refresh_from_db()
    assert ada.as_actor().roles == frozenset()


def test_nobody_deactivates_oneself_or_without_being_an_admin(ada, oda, mallory):
    for handle, actor in (("oda", oda), ("ada", mallory), ("ada", ada)):
        with pytest.raises(NotPermittedError):
            deactivate_person(handle, actor=actor.as_actor())


def test_a_token_is_revoked_by_its_person_alone(ada, mallory):
    add_token("ada", ["ledger:read"], label="CI", actor=SYSTEM)
    token = ApiToken.objects.get()

    with pytest.raises(NotPermittedError):
        revoke_token(ada, token.public_id, actor=mallory.as_actor())
    with pytest.raises(NotFoundError):
        revoke_token(mallory, token.public_id, actor=mallory.as_actor())
    revoke_token(ada, token.public_id, actor=ada.as_actor())
    assert not ApiToken.objects.exists()
