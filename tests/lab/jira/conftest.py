"""A fake Jira in this process, and somebody who asks it."""

import pytest

from lab.jira.server import Server
from lab.jira.site import EMAIL, TOKEN
from tests.lab.asking import Asker, serving


@pytest.fixture(scope="module")
def running():
    with serving(Server()) as server:
        yield server


@pytest.fixture
def ask(running):
    return Asker(running, EMAIL, TOKEN, "/rest/api/2/")
