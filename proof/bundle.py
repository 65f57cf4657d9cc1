"""Export bundles: made with `pack`, checked with `verify`."""

from proof.contents import BundleError, ChangeRecord, Contents, Earlier
from proof.packing import pack, pack_to
from proof.pins import Pinned
from proof.report import Report
from proof.verifier import verify

__all__ = [
    "BundleError",
    "ChangeRecord",
    "Contents",
    "Earlier",
    "Pinned",
    "Report",
    "pack",
    "pack_to",
    "verify",
]
