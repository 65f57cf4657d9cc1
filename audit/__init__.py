"""The ledger: append-only entries, sequencer, signed checkpoints, export, fsck."""

from audit.errors import RollbackError, TamperedError

__all__ = ["RollbackError", "TamperedError"]
