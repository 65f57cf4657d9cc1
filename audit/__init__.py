"""The ledger: append-only entries, sequencer, signed checkpoints, export, fsck.

Nothing is imported here: `audit.witness` runs on machines that have nothing of ours but `proof`.
"""
