"""Two key-admins and nobody else order an erasure, of a list and of nothing else."""

import pytest

from proof import canonical, documents, erasure
from proof.erasure import ErasureError
from tests.proof import factory
from tests.proof.cast import PASSKEY, SSH

ADMINS = ("ben", "cleo", "dan")
LISTED = erasure.write_list("mallory", {"ab" * 16: "cd" * 32, "01" * 16: "ef" * 32})


def registry(**persons):
    found = [
        factory.person_entry(name, roles=["key-admin"] if name in ADMINS else [], **persons.get(name, {}))
        for name in factory.NAMES
    ]
    return factory.registry(persons=found)


def signed(name, listed=LISTED, **changes):
    given = {"particulars": {"commitments": canonical.sha256(listed)}, **changes}
    return factory.act(name, given.pop("kind", "erase"), given.pop("subject", "person:mallory"), **given)


def refused(sidecars, match, *, listed=LISTED, **persons):
    with pytest.raises(ErasureError, match=match):
        erasure.verify_order(listed, sidecars, registry(**persons))


def test_two_key_admins_order_it():
    assert erasure.verify_order(LISTED, [signed("ben"), signed("cleo")], registry()) == ("ben", "cleo")
    assert erasure.verify_order(LISTED, [signed("ben"), signed("cleo", signer=PASSKEY["cleo"])], registry())


def test_one_is_not_enough_however_often_and_with_however_many_keys():
    refused([signed("ben")], "needs 2 key-admins; 1 signed")
    refused([signed("ben"), signed("ben", nonce="00" * 16), signed("ben", signer=PASSKEY["ben"])], "1 signed")
    refused([], "0 signed")


def test_two_accounts_of_one_human_are_one():
    refused([signed("ben"), signed("cleo")], "1 signed", cleo={"same_as": "ben"})


def test_others_and_the_person_concerned_do_not_order_it():
    refused([signed("ben"), signed("ada")], "may not order this")
    about_ben = erasure.write_list("ben", {"ab" * 16: "cd" * 32})
    acts = [signed(name, about_ben, subject="person:ben") for name in ("ben", "cleo")]
    refused(acts, "may not order this", listed=about_ben)


def test_a_revoked_key_does_not_order_it():
    keys = [factory.key_entry(SSH["cleo"], revoked_index=3, revoked_at=factory.at(7))]
    refused([signed("ben"), signed("cleo")], "may not order this|does not hold", cleo={"keys": keys})


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "hold-agents"},
        {"subject": "person:ada"},
        {"particulars": {"commitments": "00" * 32}},
        {"particulars": {}},
        {"installation": "99" * 16},
        {"person_id": "dan"},
    ],
)
def test_a_signature_under_something_else_does_not_count(changes):
    refused([signed("ben"), signed("cleo", **changes)], "about something else|somebody else's")


def test_a_list_that_was_changed_after_it_was_signed_is_refused():
    longer = erasure.write_list("mallory", {"ab" * 16: "cd" * 32, "02" * 16: "ef" * 32})
    refused([signed("ben"), signed("cleo")], "about something else", listed=longer)


@pytest.mark.parametrize(
    "entries",
    [[], [{"uid": "ab" * 16, "commitment": "x"}], [{"uid": "ab" * 16, "commitment": "cd" * 32}] * 2, "all"],
)
def test_lists_of_another_form_are_refused(entries):
    data = canonical.dumps({"_type": erasure.TYPE, "entries": entries, "person_id": "mallory"})
    with pytest.raises(ErasureError):
        erasure.parse_list(data)


def entry(**changes):
    acts = [signed("ben"), signed("cleo")]
    kept = {canonical.sha256(data): data for data in [LISTED, *acts]}
    named = {"erasure": LISTED, "act-1": acts[0], "act-2": acts[1]}
    value = {
        "_type": documents.ENTRY,
        "about": ["person:mallory"],
        "actor": "service:system",
        "at": factory.at(9),
        "documents": [{"name": name, "sha256": canonical.sha256(named[name])} for name in sorted(named)],
        "facts_commitment": "00" * 32,
        "installation": factory.INSTALLATION,
        "subject": "person:mallory",
        "uid": "77" * 16,
        "verb": erasure.VERB,
    }
    return documents.parse_entry(canonical.dumps({**value, **changes})), kept


def test_an_entry_erased_what_its_documents_say():
    order, kept = entry()

    assert set(erasure.erased_by(order, kept, registry()).commitments) == {"ab" * 16, "01" * 16}


def test_an_entry_without_its_documents_or_about_somebody_else_erased_nothing():
    order, kept = entry()
    for digest in kept:
        with pytest.raises(ErasureError, match="lacks its list"):
            erasure.erased_by(order, {key: data for key, data in kept.items() if key != digest}, registry())
    other, _ = entry(subject="person:ada", about=["person:ada"])
    with pytest.raises(ErasureError, match="about another person"):
        erasure.erased_by(other, kept, registry())
    bare, _ = entry(documents=[])
    with pytest.raises(ErasureError, match="lacks its list"):
        erasure.erased_by(bare, kept, registry())
