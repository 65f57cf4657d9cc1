"""Roles that somebody wrote into the rows, and the next version of the registry that would carry them."""

import json
from importlib import import_module

from django.db import connection

from approvals import registry
from audit.models import Entry
from people.models import Person, RoleGrant
from people.selectors import recorded_roles
from tests.approvals.cast import member


def roles_in_registry(person):
    return registry.current().person(person.pk).roles


def test_a_role_from_a_row_is_not_signed_into_the_registry_with_the_next_key(cast):
    mallory = cast.mallory.person
    RoleGrant.objects.create(person=mallory, role="approver")

    member("mallory")

    assert roles_in_registry(mallory) == frozenset()


def test_a_person_who_stands_in_the_rows_alone_gets_no_roles(cast):
    ghost = Person.objects.create(handle="ghost", name="Ghost", created_at=cast.ben.person.created_at)
    RoleGrant.objects.create(person=ghost, role="approver")

    member("ghost")

    assert roles_in_registry(ghost) == frozenset()


def test_a_role_taken_from_the_rows_is_gone_with_the_next_key(cast):
    ben = cast.ben.person
    RoleGrant.objects.filter(person=ben, role="approver").delete()

    member("ben")

    assert roles_in_registry(ben) == {"operator"}


def test_facts_that_are_not_what_the_record_commits_to_give_no_roles(cast):
    mallory = cast.mallory.person
    RoleGrant.objects.create(person=mallory, role="approver")
    with connection.cursor() as cursor:
        for statement in import_module("audit.migrations.0002_guards").removals(connection.vendor):
            cursor.execute(statement)
    added = Entry.objects.get(subject=f"person:{mallory.pk}", verb="person.added")
    facts = json.dumps({"roles": ["approver"]}, separators=(",", ":")).encode()
    Entry.objects.filter(pk=added.pk).update(facts=facts)

    assert recorded_roles(mallory) == frozenset()


def test_recorded_roles_are_signed(cast):
    assert recorded_roles(cast.ben.person) == roles_in_registry(cast.ben.person) == {"approver", "operator"}
