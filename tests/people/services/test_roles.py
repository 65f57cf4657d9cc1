"""grant_role and withdraw_role: by an admin who is somebody else, or by a command; rows alone give nothing."""

import pytest
from django.core.management import CommandError, call_command

from audit.models import Entry
from core.actors import PLANNER, SYSTEM
from core.errors import BadInputError, NotFoundError, NotPermittedError, WrongStateError
from people.models import RoleGrant
from people.selectors import recorded_grants, recorded_roles, recorded_team
from people.services.add_person import add_person
from people.services.grant_role import grant_role
from people.services.withdraw_role import withdraw_role

pytestmark = pytest.mark.django_db


def test_a_role_is_held_everywhere_or_in_a_part(ada):
    grant_role("ada", "approver", scope="service:lab/payments", actor=SYSTEM)
    grant_role("ada", "manager", scope="team:store", actor=SYSTEM)
    actor = ada.as_actor()

    assert actor.roles == {"operator"}
    assert actor.scoped == {("approver", "service:lab/payments"), ("manager", "team:store")}
    assert recorded_roles(ada) == {"operator"}
    assert recorded_grants(ada) == {("operator", ""), *actor.scoped}


def test_granting_twice_is_granting_once(ada):
    for _ in range(2):
        grant_role("ada", "approver", actor=SYSTEM)

    assert Entry.objects.filter(verb="role.granted").count() == 1


def test_a_withdrawn_role_is_gone_and_may_come_back(ada):
    withdraw_role("ada", "operator", actor=SYSTEM)
    assert (ada.roles, recorded_roles(ada)) == (frozenset(), frozenset())

    with pytest.raises(WrongStateError, match="does not hold"):
        withdraw_role("ada", "operator", actor=SYSTEM)
    grant_role("ada", "operator", actor=SYSTEM)
    assert recorded_roles(ada) == {"operator"}


def test_an_admin_grants_to_others_and_never_to_oneself(oda, ada, mallory):
    grant_role("ada", "approver", actor=oda.as_actor())

    with pytest.raises(NotPermittedError):
        grant_role("oda", "approver", actor=oda.as_actor())
    with pytest.raises(NotPermittedError):
        withdraw_role("oda", "admin", actor=oda.as_actor())
    for actor in (ada.as_actor(), mallory.as_actor(), PLANNER):
        with pytest.raises(NotPermittedError):
            grant_role("mallory", "admin", actor=actor)
    assert mallory.roles == frozenset()


def test_an_admin_of_one_team_grants_nothing(ada, mallory):
    grant_role("ada", "admin", scope="team:store", actor=SYSTEM)

    with pytest.raises(NotPermittedError):
        grant_role("mallory", "approver", scope="team:store", actor=ada.as_actor())


def test_a_role_written_into_the_rows_is_not_recorded(mallory, ada):
    RoleGrant.objects.create(person=mallory, role="approver")
    RoleGrant.objects.create(person=ada, role="operator", scope="team:store")
    assert recorded_roles(mallory) == frozenset()
    assert recorded_grants(ada) == {("operator", "")}

    withdraw_role("ada", "operator", actor=SYSTEM)
    RoleGrant.objects.create(person=ada, role="operator")
    assert recorded_roles(ada) == frozenset()


def test_a_row_made_wider_than_its_record_is_not_recorded(mallory):
    grant_role("mallory", "approver", scope="service:lab/payments", actor=SYSTEM)
    RoleGrant.objects.update(scope="")

    assert recorded_grants(mallory) == frozenset()


def test_a_team_written_into_the_row_is_not_recorded(ada):
    ben = add_person("ben", "Ben", ["approver"], team="store", actor=SYSTEM)
    assert recorded_team(ben) == "store"

    ben.team = "platform"
    assert recorded_team(ben) == ""


@pytest.mark.parametrize(
    ("role", "scope"),
    [("owner", ""), ("root", ""), ("viewer", "payments"), ("viewer", "team:"), ("viewer", "service:payments\n")],
)
def test_what_is_no_role_or_no_scope_is_refused(ada, role, scope):
    with pytest.raises(BadInputError):
        grant_role("ada", role, scope=scope, actor=SYSTEM)


def test_nobody_who_left_is_granted_anything(ada):
    ada.is_active = False
    ada.save()

    with pytest.raises(NotFoundError):
        grant_role("ada", "admin", actor=SYSTEM)


def test_the_command_grants_and_withdraws(ada, capsys):
    call_command("person", "add", "Ben", "--role", "approver", "--team", "store")
    call_command("person", "grant", "ada", "approver", "--scope", "service:lab/payments")
    assert "operator" in capsys.readouterr().out
    call_command("person", "withdraw", "ada", "operator")
    assert capsys.readouterr().out == "ada now holds: approver for service:lab/payments.\n"
    with pytest.raises(CommandError, match="does not hold"):
        call_command("person", "withdraw", "ada", "operator")
