"""A link lets one person in, once, within a day, in the embedded mode."""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from audit.models import Entry
from core import clock
from core.actors import SYSTEM
from core.errors import NotFoundError, NotPermittedError, NotSignedInError
from people.models import SignInLink
from people.services.add_person import add_person
from people.services.link_people import link_people
from people.services.make_sign_in_link import make_sign_in_link
from people.services.use_sign_in_link import use_sign_in_link

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("embedded")]


def test_a_link_signs_its_person_in_once(ada):
    token = make_sign_in_link("ada", actor=SYSTEM)

    assert use_sign_in_link(token) == ada
    with pytest.raises(NotSignedInError, match="used already"):
        use_sign_in_link(token)


def test_a_link_for_another_name_of_somebody_lets_that_somebody_in(ada):
    add_person("grace", "Grace", [], actor=SYSTEM)
    add_person("hopper", "Grace again", [], actor=SYSTEM)
    link_people("grace", "hopper", actor=SYSTEM)
    link_people("ada", "grace", actor=SYSTEM)

    assert use_sign_in_link(make_sign_in_link("hopper", actor=SYSTEM)) == ada


def test_only_the_digest_of_256_random_bits_is_kept(ada):
    token = make_sign_in_link("ada", actor=SYSTEM)

    assert (token[:3], len(token)) == ("cs_", 46)
    assert SignInLink.objects.get().pk == hashlib.sha256(token.encode()).hexdigest()
    kept = b"".join(bytes(entry.body) + bytes(entry.facts) for entry in Entry.objects.all())
    assert token.encode() not in kept


@pytest.mark.django_db(transaction=True)
def test_of_many_who_use_it_at_once_one_comes_in(ada):
    token, start = make_sign_in_link("ada", actor=SYSTEM), threading.Barrier(6)

    def use(_):
        start.wait()
        try:
            return use_sign_in_link(token).handle
        except NotSignedInError:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        came_in = [handle for handle in pool.map(use, range(6)) if handle]

    assert came_in == ["ada"]
    assert Entry.objects.filter(verb="person.signed_in").count() == 1


def test_after_a_day_it_is_too_late(ada, monkeypatch):
    token, now = make_sign_in_link("ada", actor=SYSTEM), clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=24, seconds=1))

    with pytest.raises(NotSignedInError, match="older than a day"):
        use_sign_in_link(token)


@pytest.mark.parametrize("token", ["", "x" * 43, "\x00", "\ud800", "é"])
def test_a_guess_is_refused(token, ada):
    make_sign_in_link("ada", actor=SYSTEM)

    with pytest.raises(NotSignedInError):
        use_sign_in_link(token)


def test_who_left_does_not_come_in(ada):
    token = make_sign_in_link("ada", actor=SYSTEM)
    ada.is_active = False
    ada.save()

    with pytest.raises(NotSignedInError):
        use_sign_in_link(token)
    with pytest.raises(NotFoundError):
        make_sign_in_link("ada", actor=SYSTEM)


def test_production_makes_and_takes_no_links(ada, settings):
    token = make_sign_in_link("ada", actor=SYSTEM)
    settings.EMBEDDED = False

    with pytest.raises(NotPermittedError, match="embedded"):
        make_sign_in_link("ada", actor=SYSTEM)
    with pytest.raises(NotSignedInError):
        use_sign_in_link(token)


def test_no_person_makes_a_link_for_another(ada, oda):
    for actor in (ada.as_actor(), oda.as_actor()):
        with pytest.raises(NotPermittedError):
            make_sign_in_link("oda", actor=actor)


def test_old_links_are_swept(ada, monkeypatch):
    make_sign_in_link("ada", actor=SYSTEM)
    later = clock.now() + timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    make_sign_in_link("ada", actor=SYSTEM)

    assert SignInLink.objects.count() == 1
