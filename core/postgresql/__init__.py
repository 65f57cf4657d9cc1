"""The database backend for PostgreSQL; `settings.DATABASES` names it as its engine."""
