"""The ledger: append-only entries, sequencer, signed checkpoints, export, fsck."""
