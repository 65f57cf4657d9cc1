"""What the ledger's tests share."""

import json
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import pytest
from django.db import connection, transaction

from audit import keystore, ledger
from audit.models import Checkpoint, Entry, Leaf, Pending
from core.actors import SYSTEM
from proof import checkpoint, merkle


@pytest.fixture
def note():
    """Append an entry in a transaction of its own."""

    def write(number=0, **changes):
        given = {"actor": SYSTEM, "verb": "test.noted", "subject": f"test:{number}", **changes}
        with transaction.atomic():
            return ledger.append(**given)

    return write


@pytest.fixture
def in_threads():
    """Run callables at once, each with a database connection of its own, and return what they return."""

    def run(*jobs):
        def with_connection(job):
            try:
                return job()
            finally:
                connection.close()

        with ThreadPoolExecutor(len(jobs)) as pool:
            return list(pool.map(with_connection, jobs))

    return run


@pytest.fixture
def assert_whole():
    """All entries have their places, without gaps, under a checkpoint that anybody can verify."""

    def check(size):
        leaves = list(Leaf.objects.select_related("entry").order_by("seq"))
        hashes = [merkle.leaf_hash(bytes(leaf.entry.body)) for leaf in leaves]

        assert not Pending.objects.exists()
        assert Entry.objects.count() == size
        assert [leaf.seq for leaf in leaves] == list(range(size))
        assert [bytes(leaf.leaf_hash) for leaf in leaves] == hashes
        head = checkpoint.verify(Checkpoint.objects.order_by("-size").first().note, keystore.log_verifiers())
        assert head == checkpoint.Checkpoint(origin=keystore.origin(), size=size, root=merkle.root(hashes))

    return check


@pytest.fixture
def as_owner():
    """Do to the database what its owner can do: take the guards down, run the statements, put the guards up again."""
    guards = import_module("audit.migrations.0002_guards")

    def run(*statements):
        vendor = connection.vendor
        with connection.constraint_checks_disabled(), connection.cursor() as cursor:
            for statement in [*guards.removals(vendor), *statements, *guards.statements(vendor)]:
                cursor.execute(*statement) if isinstance(statement, tuple) else cursor.execute(statement)

    return run


@pytest.fixture
def put_back(as_owner):
    """Restore the database as it was when it held so many records."""

    def restore(size):
        tree = merkle.CompactRange()
        for leaf in Leaf.objects.order_by("seq")[:size]:
            tree.append(bytes(leaf.leaf_hash))
        kept = "(SELECT entry_id FROM audit_leaf)"
        as_owner(
            f"DELETE FROM audit_leaf WHERE seq >= {size}",
            f"DELETE FROM audit_pending WHERE entry_id NOT IN {kept}",
            f"DELETE FROM audit_mention WHERE entry_id NOT IN {kept}",
            f"DELETE FROM audit_entry WHERE id NOT IN {kept}",
            f"DELETE FROM audit_checkpoint WHERE size > {size}",
            (f"UPDATE audit_logstate SET size = {size}, compact_range = %s", [json.dumps(tree.to_hashes())]),
        )

    return restore
