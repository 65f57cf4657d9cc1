"""How it misbehaves, besides the common ways: switches that its control endpoint sets."""

from dataclasses import dataclass, field

from lab.fakes import Manners


@dataclass(slots=True, kw_only=True)
class Habits(Manners):
    """The switches that it has besides the common ones.

    Attributes:
        deployment: `cloud` or `datacenter`: each has its own search, account and token.
        index_lag_s: the search shows issues as they were so long ago, and new ones not at all before.
        bad_gateway: so many of the next writes are done and answered with 502 by what stands in front.
        missing: statuses that no transition leads to for our account.
        off_screen: fields that are on no screen, so that setting them is refused.
        asks_resolution: the transition to Done asks for a resolution.
        forbidden: writes are refused with 403.
        captcha: too many failed sign-ins; 401 until somebody signs in with a browser.
        zone: the time zone of the account, in which dates of a query are read.
        reset_after_s: what a 429 without Retry-After says in X-RateLimit-Reset; fewer than 0 for no such header.
    """

    retry_after: str = "30"
    deployment: str = "cloud"
    index_lag_s: float = 0.0
    bad_gateway: int = 0
    missing: list[str] = field(default_factory=list)
    off_screen: list[str] = field(default_factory=list)
    asks_resolution: bool = False
    forbidden: bool = False
    captcha: bool = False
    zone: str = "UTC"
    reset_after_s: float = -1.0
