"""How it misbehaves: switches that its control endpoint sets. All off, it is a quiet instance."""

import threading
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(slots=True, kw_only=True)
class Habits:
    """The switches.

    Attributes:
        slow_s: waits so long before each answer.
        lose_answers: so many of the next writes are done and never answered: the connection ends.
        lose_after_s: how long a lost answer keeps its caller waiting first.
        break_before: so many of the next requests end before anything is done.
        limit: requests left this hour; fewer than 0 for no limit. At 0 the answer is 429.
        retry_after: what the 429 says; empty for no such header.
        hidden: tables that an ACL hides from the integration user: 404, as if they were not there.
        forbidden: tables that it may read and not write: 403.
        down: every answer is a 503.
        everybody: all approvers have to approve a change; otherwise the first one settles it.
        webhook: where its business rules post to; empty for nowhere.
        mute: business rules send nothing at all.
        auth: `basic`, `oauth`, or `both`.
        token_uses: how often a token is good before it is taken for expired; fewer than 0 for ever.
        hmac_secret: base64 key; signs what is posted.
    """

    slow_s: float = 0.0
    lose_answers: int = 0
    lose_after_s: float = 0.0
    break_before: int = 0
    limit: int = -1
    retry_after: str = "1800"
    hidden: list[str] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)
    down: bool = False
    everybody: bool = False
    webhook: str = ""
    mute: bool = False
    auth: str = "both"
    token_uses: int = -1
    hmac_secret: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def set(self, wanted: dict[str, Any]) -> list[str]:
        """Set some; returns the names that there are not."""
        known = {one.name for one in fields(self)} - {"lock"}
        for name in known & set(wanted):
            setattr(self, name, wanted[name])
        return sorted(set(wanted) - known)

    def take(self, name: str) -> bool:
        """Use up one of a counted habit; whether there was one."""
        with self.lock:
            left = getattr(self, name)
            if left > 0:
                setattr(self, name, left - 1)
            return bool(left > 0)
