"""Export bundles: made with `pack`, checked with `verify`."""

from proof.contents import BundleError, ChangeRecord, Contents, pack
from proof.report import Pinned, Report
from proof.verifier import verify

__all__ = ["BundleError", "ChangeRecord", "Contents", "Pinned", "Report", "pack", "verify"]
