"""Rows of a page under one heading."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Generic[RowT]):
    """Rows that wait for the same people."""

    key: str
    title: str
    note: str
    rows: Sequence[RowT]
