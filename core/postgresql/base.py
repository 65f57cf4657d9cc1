"""Django's backend for PostgreSQL, reading times with the interpreter's own parser.

Django's loader takes each time apart by a regular expression in Python, six times as long; a page of a list holds 250.
"""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.db.backends.postgresql import base
from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap
from psycopg.types.datetime import TimestamptzLoader


class TimeLoader(TimestamptzLoader):
    """A `timestamptz` as a datetime in UTC, which is the time zone of each connection of ours.

    Attributes:
        timezone: by which Django sees that its own loader is not needed.
    """

    timezone = UTC

    def load(self, data: Buffer) -> datetime:
        """The moment.

        Raises:
            DataError: No datetime can hold it: infinity, before the year 1, after 9999.
        """
        try:
            at = datetime.fromisoformat(str(data, "ascii"))
        except ValueError:
            return super().load(data).astimezone(UTC)
        return at.astimezone(UTC)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection as Django makes it, with that loader."""

    def get_connection_params(self) -> dict[str, Any]:
        """What a new connection is made with."""
        params: dict[str, Any] = super().get_connection_params()
        params["context"] = _reading_times(params["context"])
        return params


@cache
def _reading_times(adapters: AdaptersMap) -> AdaptersMap:
    """These adapters with our loader: one map for all connections."""
    ours = AdaptersMap(adapters)
    ours.register_loader("timestamptz", TimeLoader)
    return ours
