"""The cast."""

import pytest

from core.actors import SYSTEM
from people.services.add_person import add_person


@pytest.fixture
def ada(db):
    return add_person("ada", "Ada Lovelace", ["operator"], actor=SYSTEM)


@pytest.fixture
def oda(db):
    return add_person("oda", "Oda Admin", ["admin"], actor=SYSTEM)


@pytest.fixture
def mallory(db):
    return add_person("mallory", "Mallory", [], actor=SYSTEM)


@pytest.fixture
def embedded(settings):
    settings.EMBEDDED = True
