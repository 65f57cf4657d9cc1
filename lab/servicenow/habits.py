"""How it misbehaves: switches that its control endpoint sets. All off, it is a quiet instance."""

from dataclasses import dataclass, field

from lab.fakes import Manners


@dataclass(slots=True, kw_only=True)
class Habits(Manners):
    """The switches that it has besides the common ones.

    Attributes:
        hidden: tables that an ACL hides from the integration user: 404, as if they were not there.
        forbidden: tables that it may read and not write: 403.
        everybody: all approvers have to approve a change; otherwise the first one settles it.
        webhook: where its business rules post to; empty for nowhere.
        mute: business rules send nothing at all.
        auth: `basic`, `oauth`, or `both`.
        token_uses: how often a token is good before it is taken for expired; fewer than 0 for ever.
        hmac_secret: base64 key; signs what is posted.
    """

    hidden: list[str] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)
    everybody: bool = False
    webhook: str = ""
    mute: bool = False
    auth: str = "both"
    token_uses: int = -1
    hmac_secret: str = ""
