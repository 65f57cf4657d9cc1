"""Let the application write records and never change one: tables of one database role, work done by another."""

from django.db import connection, transaction

from audit import guards
from core.errors import BadInputError, WrongStateError


@transaction.atomic
def harden(role: str) -> int:
    """Give an existing role of PostgreSQL what the application needs; run it as the owner, after each migration.

    Returns:
        How many tables the role may only read and append to.

    Raises:
        WrongStateError: Not PostgreSQL, or not run by the owner of the tables.
        BadInputError: The role does not exist, or could help itself to more.
    """
    if connection.vendor != "postgresql":
        detail = "Only PostgreSQL has roles. SQLite's file belongs to whoever may write it."
        raise WrongStateError(detail)
    with connection.cursor() as cursor:
        cursor.execute("SELECT bool_and(tableowner = current_user) FROM pg_tables WHERE schemaname = 'public'")
        if cursor.fetchone() != (True,):
            detail = (
                "Not all tables belong to the role of DATABASE_URL. Run this as their owner, the one that migrates."
            )
            raise WrongStateError(detail)
        cursor.execute(
            "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR pg_has_role(oid, current_user, 'MEMBER')"
            " FROM pg_roles WHERE rolname = %s",
            [role],
        )
        found = cursor.fetchone()
        if found is None:
            detail = f"There is no role {role}. Make it first: CREATE ROLE {role} LOGIN PASSWORD '…'."
            raise BadInputError(detail)
        if found[0]:
            detail = (
                f"The role {role} is a superuser, makes roles, or belongs to the owner's: it could help itself to more."
            )
            raise BadInputError(detail)
        for statement in guards.grants_for(role):
            cursor.execute(statement)
    return len(guards.TABLES)
