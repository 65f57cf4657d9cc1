"""Tables of one database role, work done by another: the application appends, and cannot change a record."""

import pytest

from audit import guards
from tests.audit.clusters import PROGRAMS, Installation, postgres

pytestmark = [
    pytest.mark.scenario,
    pytest.mark.skipif(not PROGRAMS.name, reason="PostgreSQL is not installed here"),
]


@pytest.fixture(scope="module")
def roles(tmp_path_factory):
    """An installation as its owner and as its application; the owner is no superuser."""
    data = tmp_path_factory.mktemp("data")
    with postgres() as url:
        superuser = Installation(data, url)
        superuser.sql(
            "CREATE ROLE owner LOGIN",
            "CREATE ROLE app LOGIN",
            "CREATE ROLE climber LOGIN IN ROLE owner",
            "ALTER DATABASE countersign OWNER TO owner",
            "ALTER SCHEMA public OWNER TO owner",
        )
        owner = Installation(data, url.replace("//countersign@", "//owner@"))
        app = Installation(data, url.replace("//countersign@", "//app@"))
        code, said = owner.manage("migrate", "-v0")
        assert code == 0, said
        code, said = owner.manage("ledger", "harden", "--role", "app")
        assert code == 0, said
        app.run("note(1)\nledger.keep('text/plain', b'x')" + RUN)
        yield owner, app


RUN = """
sequence()
from audit.services.examine_on import examine_on
assert examine_on().size >= 1
"""


def test_the_application_appends_places_signs_and_examines(roles):
    _, app = roles
    app.run("note(2)" + RUN)

    assert app.manage("audit", "fsck")[0] == 0


@pytest.mark.parametrize("table", guards.TABLES)
def test_the_application_changes_and_removes_nothing(roles, table):
    _, app = roles
    deeds = [
        f"DELETE FROM {table}",
        f"TRUNCATE {table} CASCADE",
        f"DROP TABLE {table} CASCADE",
        f"ALTER TABLE {table} DISABLE TRIGGER USER",
        f"DROP TRIGGER {table}_no_change ON {table}",
        (
            "CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RETURN NEW; END $$"
        ),
        "SET session_replication_role = replica",
        "SET ROLE owner",
        f"GRANT ALL ON {table} TO app; DELETE FROM {table}",
    ]
    for deed in deeds:
        said = app.psql(deed).stderr
        assert "permission denied" in said or "must be owner" in said, (deed, said)


@pytest.mark.parametrize("column", ["body", "verb", "uid", "at"])
def test_the_application_does_not_touch_what_is_hashed(roles, column):
    _, app = roles

    assert "permission denied" in app.psql(f"UPDATE audit_entry SET {column} = {column}").stderr


def test_the_application_empties_facts_only_after_an_order(roles):
    _, app = roles
    erase = "UPDATE audit_entry SET facts = '', facts_salt = ''"
    forge = "UPDATE audit_entry SET facts = '{}'"

    assert "append-only" in app.psql(erase).stderr
    assert "append-only" in app.psql(forge).stderr


def test_the_owner_meets_the_guards_and_cannot_step_around_them(roles):
    owner, _ = roles

    assert "append-only" in owner.psql("DELETE FROM audit_leaf").stderr
    assert "append-only" in owner.psql("TRUNCATE audit_checkpoint CASCADE").stderr
    assert "permission denied" in owner.psql("SET session_replication_role = replica").stderr


def test_a_superuser_who_plays_replica_meets_the_guards_too(roles):
    owner, _ = roles
    said = owner.psql("SET session_replication_role = replica", "DELETE FROM audit_leaf", user="owner")
    assert said.returncode != 0
    superuser = Installation(owner.data, owner.url.replace("//owner@", "//countersign@"))

    assert "append-only" in superuser.psql("SET session_replication_role = replica", "DELETE FROM audit_leaf").stderr


def test_roles_that_could_help_themselves_are_refused(roles):
    owner, app = roles

    assert "could help itself" in owner.manage("ledger", "harden", "--role", "climber")[1]
    assert "could help itself" in owner.manage("ledger", "harden", "--role", "countersign")[1]
    assert "There is no role nobody" in owner.manage("ledger", "harden", "--role", "nobody")[1]
    assert "Run this as their owner" in app.manage("ledger", "harden", "--role", "app")[1]
