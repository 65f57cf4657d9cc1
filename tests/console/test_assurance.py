"""What the installation promises is computed, stated at its start, and carried by exports."""

import pytest

from audit import selectors
from audit.services.state_assurance import state_assurance
from console import assurance, bootstrap
from core.actors import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def started(settings):
    settings.EMBEDDED = True
    bootstrap.prepare()


@pytest.mark.usefixtures("started")
def test_a_local_start_states_the_weak_facts_once():
    bootstrap.prepare()

    told = selectors.assurance()
    assert (told["executor"], told["witnesses"], told["registry"]) == ("in-process", 0, "first-use")
    assert (told["people"], told["mode"]) == ("demo", "embedded")
    assert told["signers"] == "4 of 4 service keys on this host"
    assert selectors.count(kind="assurance") == 1


def test_an_installation_of_its_own_people_says_so(cast, settings):
    settings.EMBEDDED = False

    assert state_assurance(assurance.facts(), actor=SYSTEM)
    assert (selectors.assurance()["people"], selectors.assurance()["mode"]) == ("vouched", "production")
