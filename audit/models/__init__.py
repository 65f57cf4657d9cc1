"""The ledger's tables. All but Pending, LogState and Cursor are append-only, guarded by triggers."""

from audit.models.document import Document
from audit.models.entry import Entry, Mention, Pending
from audit.models.log import Checkpoint, Cursor, Leaf, LogState

__all__ = ["Checkpoint", "Cursor", "Document", "Entry", "Leaf", "LogState", "Mention", "Pending"]
