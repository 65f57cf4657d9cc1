"""What all tests share: the cast, a clean data folder, no network but loopback."""

import os
import tempfile
from importlib import import_module
from pathlib import Path

import pytest

os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="countersign-test-"))
(Path(os.environ["DATA_DIR"]) / "static").mkdir(exist_ok=True)  # where collected files would lie in production
os.environ.setdefault("EXECUTOR_STATE_DIR", str(Path(os.environ["DATA_DIR"]) / "executor"))


@pytest.fixture(scope="session", autouse=True)
def ledger_owner():
    """Let the test runner empty the ledger between tests; the guards are up in every test, and in every thread of it.

    A transactional test ends by flushing all tables, which the ledger's guards refuse. As the owner of the test
    database, take the guards down for the flush alone, inside its transaction, and put them up again.
    """
    from django.db import transaction
    from django.db.backends.base.operations import BaseDatabaseOperations

    guards = import_module("audit.migrations.0002_guards")
    flush = BaseDatabaseOperations.execute_sql_flush

    def flush_as_owner(self, sql_list):
        vendor = self.connection.vendor
        with transaction.atomic(using=self.connection.alias):
            flush(self, [*guards.removals(vendor), *sql_list, *guards.statements(vendor)])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush_as_owner)
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, tmp_path_factory):
    """Give each run, and each of its workers, a SQLite file of its own, so that two runs at once do not meet."""
    from django.db import connection

    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Before the test database is dropped, end the sessions that a killed worker or a thread left in it."""
    from django.db import connection

    yield
    name = connection.settings_dict["NAME"]
    if connection.vendor != "postgresql" or not name.startswith("test_"):
        return
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


@pytest.fixture(autouse=True)
def own_keys(request):
    """Give each test that touches the database its own keys: the signer remembers what it signed, the tables forget."""
    if request.node.get_closest_marker("django_db") or {"db", "transactional_db"} & set(request.fixturenames):
        settings, folder = request.getfixturevalue("settings"), request.getfixturevalue("tmp_path_factory")
        settings.DATA_DIR = folder.mktemp("data")
