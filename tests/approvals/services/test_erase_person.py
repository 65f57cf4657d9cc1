"""Erasing a person: a list, two key-admins who sign it, and then facts and rows are gone."""

import re

import pytest
from django.core.management import call_command

from approvals.models import SignedAct
from approvals.services.issue_act_template import issue_act_template
from approvals.services.record_act import record_act
from audit.models import Entry
from audit.services.fsck import fsck
from audit.services.sequence import sequence_all
from core.errors import BadInputError, NotFoundError, NotPermittedError, WrongStateError
from people.models import Person
from people.services.list_for_erasure import list_for_erasure
from proof.documents import ACT_PAYLOAD
from tests.approvals.keyholders import make_key_admins

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admins(cast):
    make_key_admins(cast.oda, cast.dan)
    return cast


def sign(member, digest, subject, **more):
    particulars = {"commitments": digest, **more}
    row = issue_act_template("erase", subject, particulars, member.key.key_id, session="here", actor=member.actor)
    return record_act(member.sign(bytes(row.statement), ACT_PAYLOAD), session="here", actor=member.actor).result


def about(member):
    return f"person:{member.person.pk}"


def told_of(person_id):
    """The words in all facts about a person; a digest that happens to contain a name's letters is a word of its own."""
    told = Entry.objects.filter(mentions__subject=f"person:{person_id}").order_by("pk")
    return {word for entry in told for word in re.findall(r"\w+", bytes(entry.facts).decode())}


def test_the_second_signature_erases_facts_and_rows_and_the_record_is_whole(admins):
    ada = admins.ada
    listed = list_for_erasure("ada")
    assert {"Ada", "ada"} <= told_of(ada.person.pk)

    assert sign(admins.oda, listed.digest, about(ada)) == {"erased": False, "signatures": 1, "needed": 2}
    assert {"Ada", "ada"} <= told_of(ada.person.pk)
    assert sign(admins.dan, listed.digest, about(ada))["erased"] is True

    person = Person.objects.get(pk=ada.person.pk)
    assert not {"Ada", "ada"} & told_of(person.pk)
    assert (person.name, person.handle, person.is_active) == ("Erased person", f"erased-{person.pk}", False)
    assert not person.role_grants.exists()
    sequence_all()
    report = fsck()
    assert report.intact, report.as_text()
    assert report.erased == listed.entries


def test_one_key_admin_is_not_enough_however_often(admins):
    listed = list_for_erasure("ada")
    sign(admins.oda, listed.digest, about(admins.ada))

    with pytest.raises(WrongStateError, match="signed this list already"):
        sign(admins.oda, listed.digest, about(admins.ada))
    assert not Entry.objects.filter(verb="person.erased").exists()


def test_others_and_the_person_concerned_may_not(admins):
    listed = list_for_erasure("ada")
    for member in (admins.ben, admins.ada):
        with pytest.raises(NotPermittedError):
            sign(member, listed.digest, about(admins.ada))
    with pytest.raises(NotPermittedError, match="not of themselves"):
        sign(admins.oda, list_for_erasure("oda").digest, about(admins.oda))
    assert not SignedAct.objects.exists()


def test_signatures_under_two_lists_do_not_add_up(admins):
    first = list_for_erasure("ada")
    sign(admins.oda, first.digest, about(admins.ada))
    make_key_admins(admins.ada)
    second = list_for_erasure("ada")

    assert first.digest != second.digest
    assert sign(admins.dan, second.digest, about(admins.ada))["erased"] is False


def test_a_list_of_another_person_or_none_is_refused(admins):
    with pytest.raises(BadInputError, match="that person's entries"):
        sign(admins.oda, list_for_erasure("ben").digest, about(admins.ada))
    with pytest.raises(BadInputError):
        sign(admins.oda, list_for_erasure("ada").digest, about(admins.ada), more="x")
    with pytest.raises(NotFoundError):
        sign(admins.oda, "00" * 32, about(admins.ada))
    with pytest.raises(NotFoundError, match="Nobody has the handle"):
        list_for_erasure("nobody")


def test_the_command_says_what_to_sign(admins, capsys):
    call_command("person", "erase", "ada")
    said = capsys.readouterr().out

    assert "Nothing is erased yet" in said
    assert f"kind erase, subject {about(admins.ada)}, commitments {list_for_erasure('ada').digest}" in said
