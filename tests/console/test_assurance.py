"""What the installation promises is computed, stated at its start, carried by exports, and said on pages (H5)."""

from dataclasses import replace

import pytest

from approvals import registry
from audit import keystore, selectors
from audit.services.state_assurance import state_assurance
from console import assurance, bootstrap
from core.actors import SYSTEM
from people.models import Person

pytestmark = pytest.mark.django_db

LOCAL = (
    "<b>Local mode.</b> One program on this computer holds every service key. Signatures are checked against the exact "
    "change, but whoever controls this account can act without them, rewrite the record and sign it again. "
    "Demo people: one person can hold all these keys. No outside witness."
)
STRONG = {
    "executor": "separate",
    "signers": "1 of 4 service keys on this host",
    "witnesses": 2,
    "registry": "threshold",
    "people": "vouched",
    "clock": "own",
    "signing": "own-origin",
    "mode": "production",
}
WEAK = {
    "executor": ("in-process", "can act without them."),
    "witnesses": (0, "No outside witness."),
    "registry": ("first-use", "the registry was trusted on first use."),
    "people": ("demo", "Demo people: one person can hold all these keys."),
    "signing": ("shared", "could aim a passkey."),
}


@pytest.fixture
def started(settings):
    settings.EMBEDDED = True
    bootstrap.prepare()


@pytest.fixture
def pages(client, waiting, policy, cast):
    """Where the sentences stand: approve, keys and audit; the first run has a test of its own."""
    client.force_login(cast["ben"], backend="django.contrib.auth.backends.ModelBackend")
    paths = (f"/approvals/{waiting[1].pk}/", "/keys/", "/audit/")
    return lambda: {path: " ".join(client.get(path).content.decode().split()) for path in paths}


@pytest.mark.usefixtures("started")
def test_a_local_start_states_the_weak_facts_once():
    bootstrap.prepare()

    told = selectors.assurance()
    assert (told["executor"], told["witnesses"], told["registry"]) == ("in-process", 0, "first-use")
    assert (told["people"], told["mode"], told["signing"]) == ("demo", "embedded", "shared")
    assert told["signers"] == "4 of 4 service keys on this host"
    assert selectors.count(kind="assurance") == 1


def test_an_installation_of_its_own_people_says_so(cast, settings):
    settings.EMBEDDED = False

    assert state_assurance(assurance.facts(), actor=SYSTEM)
    assert (selectors.assurance()["people"], selectors.assurance()["mode"]) == ("vouched", "production")


def test_the_local_sentences_are_word_for_word_on_each_page(pages, settings, cast):
    settings.EMBEDDED = True
    Person.objects.filter(pk=cast["ada"].pk).update(is_demo=True)
    for path, page in pages().items():
        assert LOCAL in page, path


def test_the_first_run_says_it_too(client, cast, policy, settings):
    settings.EMBEDDED = True
    Person.objects.filter(pk=cast["ada"].pk).update(is_demo=True)
    client.force_login(cast["ada"], backend="django.contrib.auth.backends.ModelBackend")

    assert LOCAL in " ".join(client.get("/").content.decode().split())


def test_local_mode_without_demo_people_does_not_speak_of_them(pages, settings):
    settings.EMBEDDED = True
    for page in pages().values():
        assert "No outside witness." in page
        assert "Demo people" not in page


@pytest.mark.parametrize("fact", WEAK)
def test_each_weak_fact_of_production_is_a_sentence_on_each_page(pages, settings, monkeypatch, fact):
    settings.EMBEDDED = False
    value, sentence = WEAK[fact]
    monkeypatch.setattr(assurance, "facts", lambda: {**STRONG, fact: value})
    for path, page in pages().items():
        assert sentence in page, path
        assert "Local mode" not in page
        others = [text for name, (_, text) in WEAK.items() if name != fact]
        assert not any(text in page for text in others), path


def test_where_nothing_is_weak_one_grey_line_remains(pages, settings, monkeypatch):
    settings.EMBEDDED = False
    monkeypatch.setattr(assurance, "facts", lambda: STRONG)
    for page in pages().values():
        assert "What this does not give" not in page
        assert "<span>Witnesses <b>2</b></span>" in page
    assert assurance.sentences(STRONG) == ()


def test_an_executor_whose_key_this_account_can_read_is_not_apart(settings, policy, monkeypatch):
    settings.EMBEDDED = False
    keystore.private("executor")
    assert assurance.facts()["executor"] == "in-process"
    exists = keystore.exists
    monkeypatch.setattr(keystore, "exists", lambda name: name != "executor" and exists(name))
    assert assurance.facts()["executor"] == "separate"
    settings.EMBEDDED = True
    assert assurance.facts()["executor"] == "in-process"


def test_the_root_is_of_one_or_of_several_or_of_this_computer(policy):
    found = registry.current()
    assert assurance.kind_of_root(found) == "first-use"
    person = replace(found.root.keys[0], kind="person", person_id="1" * 16)
    for threshold, word in ((1, "single"), (2, "threshold")):
        root = replace(found.root, threshold=threshold, keys=(person, person))
        assert assurance.kind_of_root(replace(found, root=root)) == word
    mixed = replace(found.root, threshold=2, keys=(person, found.root.keys[0]))
    assert assurance.kind_of_root(replace(found, root=mixed)) == "first-use"


def test_a_witness_on_this_host_is_none(settings):
    settings.WITNESSES = ""
    assert assurance.facts()["witnesses"] == 0


def test_signing_on_its_own_address_is_told(settings):
    settings.SIGN_URL = "https://sign.example.com"

    assert assurance.facts()["signing"] == "own-origin"
