"""The registry follows what the ledger says of people (follow_people, change_registry)."""

import pytest

from approvals import registry
from approvals.models import Draft
from approvals.services.follow_people import follow_people
from audit.services.sequence import sequence_all
from core.actors import SYSTEM
from people.models import RoleGrant
from people.services.deactivate_person import deactivate_person
from people.services.grant_role import grant_role
from people.services.link_people import link_people
from people.services.withdraw_role import withdraw_role
from tests.approvals.keyholders import hand_over

pytestmark = pytest.mark.django_db


def caught_up():
    sequence_all()
    follow_people()
    return registry.current()


def test_a_role_that_is_granted_or_withdrawn_stands_in_the_next_version(cast):
    grant_role("mallory", "approver", actor=SYSTEM)
    assert caught_up().person(cast.mallory.person.pk).roles == {"approver"}

    withdraw_role("mallory", "approver", actor=SYSTEM)
    assert caught_up().person(cast.mallory.person.pk).roles == set()


def test_a_role_that_stands_in_the_rows_alone_does_not(cast):
    RoleGrant.objects.create(person=cast.mallory.person, role="approver")
    grant_role("mallory", "operator", actor=SYSTEM)

    assert caught_up().person(cast.mallory.person.pk).roles == {"operator"}


def test_whoever_left_has_neither_roles_nor_keys(cast):
    deactivate_person("ben", actor=SYSTEM)

    found = caught_up().person(cast.ben.person.pk)
    assert (found.roles, {key.status for key in found.keys}) == (frozenset(), {"revoked"})


def test_linked_accounts_are_one_human_being(cast):
    link_people("ben", "cleo", actor=SYSTEM)

    assert caught_up().canonical_person(cast.cleo.person.pk) == cast.ben.person.pk


def test_once_the_root_is_people_they_have_to_sign_it(cast):
    hand_over(cast.oda, cast.dan)
    caught_up()
    grant_role("mallory", "approver", actor=SYSTEM)

    assert caught_up().person(cast.mallory.person.pk).roles == frozenset()
    draft = Draft.objects.get(state="OPEN")
    cast.dan.cosign(cast.oda.cosign(draft))
    assert registry.current().person(cast.mallory.person.pk).roles == {"approver"}


def test_what_the_registry_says_already_is_not_asked_again(cast):
    caught_up()
    before = registry.current().version

    caught_up()

    assert registry.current().version == before
