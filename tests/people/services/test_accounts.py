"""sign_in_by_account, prove_account, link_people: groups give roles here and only take away what counts (H8)."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from audit.models import Entry
from core import clock
from core.actors import SYSTEM
from core.errors import BadInputError, NotFoundError, NotPermittedError, NotSignedInError, RefusedError, WrongStateError
from people.identities import Identity, mapping
from people.models import Account, AccountProof, ApiToken, Person
from people.selectors import recorded_grants, recorded_roles, recorded_same_as
from people.services.add_person import add_person
from people.services.add_token import add_token
from people.services.deactivate_person import deactivate_person
from people.services.grant_role import grant_role
from people.services.link_people import link_people
from people.services.prove_account import prove_account
from people.services.sign_in_by_account import sign_in_by_account

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def company(settings):
    settings.OIDC_ISSUER = "https://company.example"
    settings.OIDC_GROUP_ROLES = ["sre=operator", "signers=approver", "store=viewer@team:store"]
    settings.OIDC_ALLOWED_GROUPS = []


def identity(subject="s-1", groups=("sre",), handle="grace@company.example", issuer="https://company.example"):
    return Identity(issuer=issuer, subject=subject, name="Grace", wanted_handle=handle, groups=tuple(groups))


def test_a_first_sign_in_makes_a_person_with_the_groups_roles():
    grace = sign_in_by_account(identity(groups=["sre", "store", "unknown"]))

    assert (grace.handle, grace.grants) == ("grace", {("operator", ""), ("viewer", "team:store")})
    assert sign_in_by_account(identity()) == grace
    assert Person.objects.count() == 1


def test_what_groups_give_counts_for_no_quorum():
    """Who puts himself into a group at the provider is an approver on pages, and none in the registry."""
    grace = sign_in_by_account(identity(groups=["signers"]))

    assert grace.roles == {"approver"}
    assert recorded_grants(grace) == frozenset()


def test_what_people_granted_counts_until_the_group_takes_it_away():
    grace = sign_in_by_account(identity(groups=["sre", "signers"]))
    grant_role("grace", "approver", actor=SYSTEM)
    assert recorded_roles(grace) == {"approver"}

    sign_in_by_account(identity(groups=["sre"]))
    assert (grace.roles, recorded_roles(grace)) == ({"operator"}, frozenset())
    sign_in_by_account(identity(groups=["sre", "signers"]))
    assert (grace.roles, recorded_roles(grace)) == ({"operator", "approver"}, frozenset())


def test_roles_that_no_group_decides_about_stay():
    grace = sign_in_by_account(identity())
    grant_role("grace", "manager", actor=SYSTEM)
    sign_in_by_account(identity())

    assert recorded_roles(grace) == {"manager"}


@pytest.mark.parametrize("groups", [[], ["guests"], ["SRE"]])
def test_whose_groups_have_no_role_is_refused_and_never_made(groups):
    with pytest.raises(NotSignedInError, match="no role here"):
        sign_in_by_account(identity(groups=groups))
    assert not Person.objects.exists()


def test_who_lost_all_groups_is_refused_and_loses_what_they_gave():
    grace = sign_in_by_account(identity(groups=["signers"]))
    grant_role("grace", "approver", actor=SYSTEM)

    with pytest.raises(NotSignedInError):
        sign_in_by_account(identity(groups=[]))
    assert (grace.roles, recorded_roles(grace)) == (frozenset(), frozenset())


def test_allowed_groups_are_asked_too(settings):
    settings.OIDC_ALLOWED_GROUPS = ["staff"]
    with pytest.raises(NotSignedInError):
        sign_in_by_account(identity(groups=["sre"]))

    assert sign_in_by_account(identity(groups=["sre", "staff"])).roles == {"operator"}


def test_who_was_deactivated_is_refused():
    sign_in_by_account(identity())
    deactivate_person("grace", actor=SYSTEM)

    with pytest.raises(NotSignedInError, match="no longer let in"):
        sign_in_by_account(identity())
    assert Person.objects.count() == 1


def test_names_and_addresses_name_nobody():
    """Another subject with the same name and address, or the same subject elsewhere, is another person."""
    grace = sign_in_by_account(identity())
    other = sign_in_by_account(identity(subject="s-2"))
    elsewhere = sign_in_by_account(identity(issuer="https://other.example"))

    assert len({grace.pk, other.pk, elsewhere.pk}) == 3
    assert {other.handle, elsewhere.handle} == {"grace-2", "grace-3"}


def test_the_ledgers_body_holds_no_subject():
    sign_in_by_account(identity(subject="secret-subject"))

    assert not any(b"secret-subject" in bytes(entry.body) for entry in Entry.objects.all())


@pytest.mark.parametrize("piece", ["sre", "=operator", "sre=", "sre=owner", "sre=operator@payments"])
def test_a_mapping_that_is_misspelt_is_refused(settings, piece):
    settings.OIDC_GROUP_ROLES = [piece]
    with pytest.raises(ImproperlyConfigured):
        mapping()


def two():
    return sign_in_by_account(identity()), sign_in_by_account(identity(subject="s-2"))


def test_an_unknown_account_that_one_shows_is_ones_own(oda):
    grace = sign_in_by_account(identity())

    assert prove_account(grace, identity(subject="s-9"), actor=grace.as_actor()) is None
    assert sign_in_by_account(identity(subject="s-9")) == grace
    with pytest.raises(WrongStateError):
        prove_account(grace, identity(subject="s-9"), actor=grace.as_actor())
    with pytest.raises(NotPermittedError):
        prove_account(grace, identity(subject="s-10"), actor=oda.as_actor())


def test_an_admin_links_what_was_shown_and_both_accounts_are_one_person(oda):
    grace, second = two()
    add_token(second.handle, ["ledger:read"], actor=SYSTEM)
    assert prove_account(grace, identity(subject="s-2"), actor=grace.as_actor()) == second
    link_people("grace", second.handle, actor=oda.as_actor())

    assert sign_in_by_account(identity(subject="s-2")) == sign_in_by_account(identity()) == grace
    assert (recorded_same_as(second), recorded_same_as(grace)) == (grace.pk, "")
    assert not ApiToken.objects.exists()
    entry = Entry.objects.get(verb="person.linked")
    assert json.loads(bytes(entry.facts)) == {"same_as": grace.pk, "how": "both proved"}


def test_nothing_is_linked_that_nobody_showed(oda):
    _, second = two()
    with pytest.raises(RefusedError, match="Nobody showed"):
        link_people("grace", second.handle, actor=oda.as_actor())
    assert Person.objects.get(pk=second.pk).is_active


def test_a_proof_grows_old(oda):
    grace, second = two()
    prove_account(grace, identity(subject="s-2"), actor=grace.as_actor())
    AccountProof.objects.update(proved_at=clock.now() - timedelta(days=8))

    with pytest.raises(RefusedError):
        link_people("grace", second.handle, actor=oda.as_actor())


def test_no_admin_links_oneself_and_nobody_else_links_at_all(oda, ada):
    grace, second = two()
    prove_account(grace, identity(subject="s-2"), actor=grace.as_actor())
    for actor in (grace.as_actor(), ada.as_actor()):
        with pytest.raises(NotPermittedError):
            link_people("grace", second.handle, actor=actor)
    with pytest.raises(NotPermittedError):
        link_people("oda", second.handle, actor=oda.as_actor())
    with pytest.raises(BadInputError):
        link_people("grace", "grace", actor=SYSTEM)


def test_a_link_written_into_the_rows_is_not_recorded(ada):
    ben = add_person("ben", "Ben", [], actor=SYSTEM)
    ben.same_as = ada
    ben.save()

    assert recorded_same_as(ben) == ""


def test_the_commands_link_and_deactivate(ada, capsys):
    add_person("ben", "Ben", [], actor=SYSTEM)
    call_command("person", "link", "ada", "ben")
    assert "ben is ada from now on" in capsys.readouterr().out
    call_command("person", "deactivate", "ada")
    with pytest.raises(NotFoundError):
        deactivate_person("ada", actor=SYSTEM)
    assert Account.objects.count() == 0
