"""Lists of the API by pages that begin where the one before ended: nothing is counted, so that depth costs nothing."""

import re
from typing import ClassVar

from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from core.errors import BadInputError


class Paged(CursorPagination):
    """Pages in the order of one column whose values are unique.

    Whatever is added meanwhile, each row that was there is told once: a page begins where the one before ended.

    Attributes:
        place: what a place in that order looks like.
    """

    place: ClassVar[re.Pattern[str]]

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Where the page begins; None for the first.

        Raises:
            BadInputError: It is no cursor of this list.
        """
        if not request.query_params.get(self.cursor_query_param):
            return None
        try:
            cursor = super().decode_cursor(request)
        except NotFound as error:
            raise BadInputError(REFUSED) from error
        if cursor is None or cursor.offset or not self.place.fullmatch(str(cursor.position or "")):
            raise BadInputError(REFUSED)
        return cursor


class Newest(Paged):
    """Newest first, by id."""

    ordering = "-id"
    place = re.compile(r"[0-9]{1,18}")


class BySlug(Paged):
    """Alphabetical."""

    ordering = "slug"
    place = re.compile(r"[^\x00-\x1f\ud800-\udfff]{1,200}")


REFUSED = "This is no cursor of this list. Follow `next` as it was told, or begin again without `cursor`."
