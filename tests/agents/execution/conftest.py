"""A change on the brink of running, and somebody who owns the database."""

from importlib import import_module

import pytest
from django.db import connection

from tests.agents.test_loop import sign
from tests.agents.world import fire


@pytest.fixture
def owner():
    """The owner of the database: the append-only triggers are gone."""
    with connection.cursor() as cursor:
        for statement in import_module("audit.migrations.0002_guards").removals(connection.vendor):
            cursor.execute(statement)


@pytest.fixture
def granted(world, work, cast):
    """A revert that Ben has signed, and that the executor is about to carry out."""
    world.break_config()
    fire("payments")
    sign(work().request_id, cast.ben)
    return work("EXECUTING")


@pytest.fixture
def waiting(world, work):
    """A revert that nobody has signed."""
    world.break_config()
    fire("payments")
    return work()
