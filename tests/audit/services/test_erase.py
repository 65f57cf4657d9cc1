"""Facts go when two key-admins order it, exactly those, and everybody can see that they went and by whose order."""

import hashlib
from itertools import product

import pytest
from django.db import DatabaseError, connection, transaction

from audit import ledger
from audit.models import Entry, Erasure, Leaf
from audit.selectors import facts_of, timeline
from audit.services.erase import erase, list_of
from audit.services.examine_on import examine_on
from audit.services.fsck import fsck
from audit.services.sequence import sequence
from core.actors import SYSTEM
from core.errors import BadInputError, RefusedError, WrongStateError
from proof import canonical, erasure
from proof.documents import parse_entry
from tests.proof import factory

pytestmark = pytest.mark.django_db(transaction=True)

FACTS = {"name": "Mallory Malone"}


@pytest.fixture(autouse=True)
def recorded(note):
    """A registry with two key-admins, and four records, three of them about Mallory."""
    persons = [
        factory.person_entry(name, roles=["key-admin"] if name in {"ben", "cleo"} else []) for name in factory.NAMES
    ]
    data, signature = factory.signed_registry(persons=persons)
    documents = {
        "registry": ledger.keep("application/json", data),
        "signature": ledger.keep("application/json", signature),
    }
    note(0, verb="registry.published", documents=documents)
    note(1, verb="person.added", subject="person:mallory", facts=FACTS)
    note(2, facts={"comment": "Mallory likes it."}, actor="person:mallory")
    note(3, facts={"seen": "Mallory"}, about=["person:mallory"])
    note(4, facts={"about": "somebody else"}, subject="person:ada")
    note(5, subject="person:mallory")
    sequence()


def keep(data):
    return ledger.keep("application/json", data)


def signed(name, listed, **changes):
    given = {"particulars": {"commitments": canonical.sha256(listed)}, **changes}
    return keep(factory.act(name, "erase", "person:mallory", **given))


def order(listed=None, names=("ben", "cleo")):
    listed = listed or list_of("mallory")
    return keep(listed), [signed(name, listed) for name in names]


def raw(verb="person.added"):
    with connection.cursor() as cursor:
        cursor.execute("SELECT facts, facts_salt FROM audit_entry WHERE verb = %s", [verb])
        return [tuple(bytes(column) for column in row) for row in cursor.fetchall()]


def test_the_list_holds_what_one_did_and_what_is_about_one():
    listed = erasure.parse_list(list_of("mallory"))
    entries = Entry.objects.filter(uid__in=listed.commitments)

    assert [entry.subject for entry in entries.order_by("pk")] == ["person:mallory", "test:2", "test:3"]


def test_ordered_facts_and_their_salts_are_gone_and_the_tree_is_as_it_was():
    before = [bytes(leaf.leaf_hash) for leaf in Leaf.objects.order_by("seq")]
    root = fsck().root
    entry = erase(*order(), actor=SYSTEM)

    assert raw() == [(b"", b"")]
    assert Erasure.objects.filter(order=entry).count() == 3
    assert Entry.objects.filter(facts=b"").count() == 3
    assert [bytes(leaf.leaf_hash) for leaf in Leaf.objects.order_by("seq")] == before
    assert fsck().root == root
    assert [line.facts for line in timeline("person:ada")] == [{"about": "somebody else"}]
    assert facts_of(Entry.objects.get(verb="person.added")) == {}


def test_the_examinations_call_it_erased_and_not_changed():
    erase(*order(), actor=SYSTEM)
    assert fsck().intact
    sequence()

    report = fsck()
    assert report.intact, report.as_text()
    assert "The facts of 3 of them were erased, each by an order in the record." in report.as_text()
    examine_on()
    assert examine_on().problem == ""


def test_without_an_order_the_guards_refuse():
    for deed in (
        "UPDATE audit_entry SET facts = %s, facts_salt = %s",
        "UPDATE audit_entry SET facts = %s, facts_salt = %s WHERE verb = 'person.added'",
    ):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(deed, [b"", b""])


@pytest.mark.parametrize(
    "deed",
    [
        "SET facts = '{}'",
        "SET facts_salt = ''",
        "SET facts = '', facts_salt = '', verb = 'test.forged'",
        "SET facts = '', facts_salt = '', body = ''",
        "SET uid = 'x'",
    ],
)
def test_an_order_opens_the_guards_for_nothing_but_the_erasure(deed):
    entry = Entry.objects.get(verb="person.added")
    Erasure.objects.create(entry=entry, order=entry)
    if connection.vendor == "sqlite":
        deed = deed.replace("''", "X''").replace("'{}'", "X'7b7d'")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE audit_entry {deed} WHERE verb = 'person.added'")


def test_facts_that_an_owner_took_without_an_order_are_missed():
    entry = Entry.objects.get(verb="person.added")
    Erasure.objects.create(entry=entry, order=entry)
    Entry.objects.filter(pk=entry.pk).update(facts=b"", facts_salt=b"")

    finding = fsck().findings[0]
    assert (finding.kind, finding.seq) == ("facts", 1)
    assert "its facts are not those it commits to" in examine_on().problem


def test_an_order_does_not_cover_facts_that_it_does_not_list():
    erase(*order(), actor=SYSTEM)
    other = Entry.objects.get(subject="person:ada")
    Erasure.objects.create(entry=other, order=Entry.objects.get(verb="person.erased"))
    Entry.objects.filter(pk=other.pk).update(facts=b"", facts_salt=b"")

    assert [(finding.kind, finding.seq) for finding in fsck().findings] == [("facts", 4)]


def test_an_order_whose_list_was_taken_out_covers_nothing(as_owner):
    listed, acts = order()
    erase(listed, acts, actor=SYSTEM)
    sequence()
    as_owner(("DELETE FROM audit_document WHERE sha256 = %s", [listed]))

    assert [finding.kind for finding in fsck().findings].count("facts") == 3


def test_too_few_or_the_wrong_people_order_nothing():
    for names in (("ben",), ("ben", "ada"), ("ben", "ben")):
        with pytest.raises(RefusedError):
            erase(*order(names=names), actor=SYSTEM)
    assert raw() != [(b"", b"")]
    assert not Entry.objects.filter(verb="person.erased").exists()


def test_a_list_that_names_other_commitments_is_refused():
    entry = parse_entry(bytes(Entry.objects.get(subject="person:ada").body))
    for commitments in ({entry.uid: "00" * 32}, {"99" * 16: entry.facts_commitment}):
        with pytest.raises(BadInputError, match="Make a new list"):
            erase(*order(erasure.write_list("mallory", commitments)), actor=SYSTEM)


def test_what_is_erased_is_erased_once():
    listed, acts = order()
    erase(listed, acts, actor=SYSTEM)

    with pytest.raises(WrongStateError, match="erased before"):
        erase(listed, acts, actor=SYSTEM)
    with pytest.raises(WrongStateError, match="no facts about this person"):
        list_of("mallory")


def test_without_the_salt_a_dictionary_does_not_help():
    """With the salt a guess is confirmed at once; without it there are 2**128 to try for every guess."""
    entry = Entry.objects.get(verb="person.added")
    wanted = parse_entry(bytes(entry.body)).facts_commitment
    guess, salt = canonical.dumps(FACTS), bytes(entry.facts_salt)
    assert len(salt) == 16
    assert hashlib.sha256(salt + guess).hexdigest() == wanted
    erase(*order(), actor=SYSTEM)

    kept = b"".join(part for row in raw() for part in row)
    assert salt not in kept
    salts = [b"", bytes(16), wanted.encode(), bytes.fromhex(wanted)[:16], entry.uid.encode(), bytes.fromhex(entry.uid)]
    assert all(hashlib.sha256(a + b).hexdigest() != wanted for a, b in product(salts, [guess]))
