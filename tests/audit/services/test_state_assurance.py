"""What an installation can promise is recorded when it changes, and only then."""

import pytest

from audit import selectors
from audit.services.state_assurance import state_assurance
from core.actors import SYSTEM

pytestmark = pytest.mark.django_db

LOCAL = {"executor": "in-process", "people": "demo", "witnesses": 0}


def test_it_is_recorded_at_the_start_and_on_change_only():
    assert selectors.assurance() == {}
    assert [state_assurance(LOCAL, actor=SYSTEM), state_assurance(LOCAL, actor=SYSTEM)] == [True, False]
    assert state_assurance({**LOCAL, "witnesses": 1}, actor=SYSTEM)
    assert selectors.assurance()["witnesses"] == 1
    assert selectors.count(kind="assurance") == 2
