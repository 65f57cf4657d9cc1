"""Icons, and which icon and word stand for which state. States always carry both."""

from dataclasses import dataclass
from typing import Final

ICONS: Final[dict[str, str]] = {
    "account": '<circle cx="8" cy="5" r="2.5"/><path d="M3 13.5c.4-3 2.3-4.5 5-4.5s4.6 1.5 5 4.5"/>',
    "alert": '<path d="M8 2 14.5 13.5h-13z"/><path d="M8 6.5v3M8 11.6v.1"/>',
    "arrow-up": '<path d="M8 13V3M4 7l4-4 4 4"/>',
    "back": '<path d="M3 7h7a3.5 3.5 0 0 1 0 7H7"/><path d="M6 3.5 2.5 7 6 10.5"/>',
    "chevron": '<path d="m6 3.5 4.5 4.5L6 12.5"/>',
    "clock": '<circle cx="8" cy="8" r="5.5"/><path d="M8 5v3l2 1.5"/>',
    "copy": '<path d="M6 6h7.5v7.5H6zM3.5 10H2.5V2.5H10v1"/>',
    "cross": '<path d="m4 4 8 8m0-8-8 8"/>',
    "down": '<path d="m3.5 6 4.5 4.5L12.5 6"/>',
    "export": '<path d="M9 3h4v4M13 3 7 9M11 9v4H3V5h4"/>',
    "file": '<path d="M4 1.8h5.5L12.5 5v9.2H4zM9.2 1.8V5h3.3M6 8h4.5M6 10.8h4.5"/>',
    "flask": '<path d="M6 2h4M6.5 2v4L2.8 13a1 1 0 0 0 .9 1.3h8.6a1 1 0 0 0 .9-1.3L9.5 6V2M4.8 10h6.4"/>',
    "graph": '<path d="M2 6h4v4H2zM10 2h4v4h-4zM10 10h4v4h-4zM6 8c3 0 1-4 4-4M6 8c3 0 1 4 4 4"/>',
    "key": '<circle cx="5.5" cy="8" r="3"/><path d="M8.5 8H14v2.5M11.5 8v2"/>',
    "laptop": '<path d="M3.5 3.5h9v7h-9zM1.5 12.5h13"/>',
    "lens": '<circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3.5 3.5"/>',
    "lens-minus": '<circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3.5 3.5M5 7h4"/>',
    "list": '<path d="M6 4h8M6 8h8M6 12h8M2 4h1M2 8h1M2 12h1"/>',
    "lines": '<path d="M2 4h12M2 8h12M2 12h12"/>',
    "octagon": ('<path d="M5.2 1.8h5.6l3.4 3.4v5.6l-3.4 3.4H5.2l-3.4-3.4V5.2z"/><path d="m6 6 4 4m0-4-4 4"/>'),
    "play": '<path d="M4.5 2.8v10.4L13 8z"/>',
    "plug": '<path d="M6 2v3M10 2v3M4 5h8v2.5a4 4 0 0 1-8 0zM8 11.5V14"/>',
    "plus": '<path d="M8 3v10M3 8h10"/>',
    "pulse": '<path d="M1.5 8h3l2-4.5 3 9 2-4.5h3"/>',
    "replay": '<path d="M13 7H6a3.5 3.5 0 0 0 0 7h3"/><path d="M10 3.5 13.5 7 10 10.5"/>',
    "ring": '<circle cx="8" cy="8" r="5.5" stroke-dasharray="1.6 2.72"/>',
    "shield": '<path d="M8 1.8 13 4v4c0 3-2 5-5 6.2C5 13 3 11 3 8V4z"/>',
    "sign": (
        '<path d="M2 13.5h12"/><path d="M2.5 10c1.5-5 4-7.5 4.6-5.6.5 1.7-2.6 5.4-1.2 5.8 1.2.3 2.2-2.6 '
        '3.2-2.4.9.2 0 2 .9 2.3.8.3 1.6-1 3.6-1"/>'
    ),
    "terminal": '<path d="M2 3h12v10H2zM4.5 6l2 2-2 2M8 10h3.5"/>',
    "tick": '<path d="m2.5 8.5 3.5 3.5 7.5-8"/>',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A state as a page shows it.

    Attributes:
        name: the constant, as the API and the trail write it.
        word: the word that pages write.
        tone: empty for agents at work, else waiting, done, rolled, failed.
    """

    name: str
    word: str
    icon: str
    tone: str = ""


STATES: Final[dict[str, State]] = {
    state.name: state
    for state in (
        State(name="INITIATED", word="Initiated", icon="ring"),
        State(name="ANALYZING", word="Analyzing", icon="lens-minus"),
        State(name="PLANNING", word="Planning", icon="list"),
        State(name="AWAITING_APPROVAL", word="Awaiting approval", icon="sign", tone="waiting"),
        State(name="EXECUTING", word="Executing", icon="play"),
        State(name="VALIDATING", word="Validating", icon="pulse"),
        State(name="COMPLETED", word="Completed", icon="tick", tone="done"),
        State(name="ROLLED_BACK", word="Rolled back", icon="back", tone="rolled"),
        State(name="FAILED", word="Failed", icon="octagon", tone="failed"),
        State(name="RECOVERED", word="Recovered by itself", icon="tick", tone="done"),
        State(name="OPEN", word="Open", icon="ring"),
        State(name="ACKNOWLEDGED", word="Acknowledged", icon="account"),
        State(name="RESOLVED", word="Resolved", icon="tick", tone="done"),
        State(name="CLOSED", word="Closed", icon="tick", tone="done"),
        State(name="GRANTED", word="Granted", icon="play"),
        State(name="REJECTED", word="Rejected", icon="cross"),
        State(name="EXPIRED", word="Expired", icon="clock"),
        State(name="VOIDED", word="Voided", icon="clock"),
        State(name="WITHDRAWN", word="Withdrawn", icon="back"),
    )
}

TIER_CLASS: Final = {"LOW": "low", "MEDIUM": "med", "HIGH": "high", "CRITICAL": "crit"}
TIER_BARS: Final = {"LOW": 1, "MEDIUM": 2, "HIGH": 3, "CRITICAL": 4}
TIER_BAND: Final = {"LOW": "3 or less", "MEDIUM": "4 to 7", "HIGH": "8 to 12", "CRITICAL": "above 12"}


def of_remediation(state: str, reason: str = "") -> State:
    """A remediation's state. One that ended because the symptom went away by itself is no failure to people."""
    return STATES["RECOVERED" if (state, reason) == ("FAILED", "recovered") else state]
