"""The ledger's tables.

All but Pending, LogState, Verification, Quota and Cursor are append-only, guarded by triggers.
"""

from audit.models.cosignature import Cosignature
from audit.models.document import Document
from audit.models.entry import Entry, Erasure, Mention, Pending
from audit.models.log import Checkpoint, Cursor, Leaf, LogState, Quota, Verification
from audit.models.tile import Tile

__all__ = [
    "Checkpoint",
    "Cosignature",
    "Cursor",
    "Document",
    "Entry",
    "Erasure",
    "Leaf",
    "LogState",
    "Mention",
    "Pending",
    "Quota",
    "Tile",
    "Verification",
]
