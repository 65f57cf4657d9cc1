"""The ledger as the other packages use it: `from audit import ledger; ledger.append(...)`."""

from audit.selectors import TimelineLine, timeline
from audit.services.append import append
from audit.services.append_all import Deed, append_all
from audit.services.fetch import fetch, remembering
from audit.services.follow import FollowedEntry, follow
from audit.services.keep import keep
from audit.services.keep_all import keep_all

__all__ = [
    "Deed",
    "FollowedEntry",
    "TimelineLine",
    "append",
    "append_all",
    "fetch",
    "follow",
    "keep",
    "keep_all",
    "remembering",
    "timeline",
]
