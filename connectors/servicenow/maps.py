"""Our words in a connection's words and back. Every list of choices there is configurable, so each map is too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from core.errors import BadInputError

STATES: Final = {"OPEN": "1", "ACKNOWLEDGED": "2", "RESOLVED": "6", "CLOSED": "7"}
READ: Final = {
    "1": "OPEN",
    "2": "ACKNOWLEDGED",
    "3": "ACKNOWLEDGED",
    "6": "RESOLVED",
    "7": "RESOLVED",
    "8": "RESOLVED",
}
LEVELS: Final = {"S1": ["1", "1"], "S2": ["1", "2"], "S3": ["2", "2"], "S4": ["3", "3"]}
ANSWERS: Final = {"approved": "approve", "rejected": "reject"}
OPEN_ANSWERS: Final = frozenset({"requested", "not requested", "not_required", "cancelled", "duplicate"})
RISKS: Final = {"CRITICAL": "1", "HIGH": "2", "MEDIUM": "3", "LOW": "4"}
CLOSE_CODE: Final = "Solution provided"
ROUTE: Final = ("-5", "-4", "-3", "-2", "-1", "0", "3")
MOVES: Final = {
    "ASKED": "-4",
    "RUNNING": "-1",
    "COMPLETED": "3",
    "FAILED": "3",
    "ROLLED_BACK": "3",
    "CANCELLED": "4",
}
ENDINGS: Final = {"COMPLETED": "successful", "FAILED": "unsuccessful", "ROLLED_BACK": "unsuccessful"}
UNCLASSIFIED: Final = "unclassified"
OURS: Final = frozenset(STATES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Maps:
    """The maps of one connection.

    Attributes:
        states: our state to their code; an empty code is not sent.
        read: their code to our state; a code that is not here is unclassified.
        levels: our severity to impact and urgency; priority is computed there and never sent.
        groups: our service to the sys_id of an assignment group; `*` for all others.
        risks: our tier to their risk.
        answers: their state of an approval to approve or reject.
        people: their user name to a handle of ours.
        close_code: sent with a resolution.
        route: the codes of a change request's states in the order in which it goes through them.
        moves: where the plan stands to their code; an empty one is not gone to.
        endings: how the run ended to the close code of the change request.
    """

    states: Mapping[str, str] = field(default_factory=lambda: dict(STATES))
    read: Mapping[str, str] = field(default_factory=lambda: dict(READ))
    levels: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    risks: Mapping[str, str] = field(default_factory=lambda: dict(RISKS))
    answers: Mapping[str, str] = field(default_factory=lambda: dict(ANSWERS))
    people: Mapping[str, str] = field(default_factory=dict)
    close_code: str = CLOSE_CODE
    route: Sequence[str] = ROUTE
    moves: Mapping[str, str] = field(default_factory=lambda: dict(MOVES))
    endings: Mapping[str, str] = field(default_factory=lambda: dict(ENDINGS))

    def group(self, service: str) -> str:
        """The assignment group of a service; empty for none."""
        return self.groups.get(service) or self.groups.get("*", "")

    def state_read(self, code: str) -> str:
        """Our state for their code; `unclassified` for one that is not known."""
        return self.read.get(code, UNCLASSIFIED)

    def answer_read(self, code: str) -> str:
        """approve, reject, empty while nobody answered, `unclassified` for a state that is not known."""
        return "" if code in OPEN_ANSWERS else self.answers.get(code, UNCLASSIFIED)


def maps_of(config: Mapping[str, Any]) -> Maps:
    """The maps of a connection, its own over the default ones.

    Raises:
        BadInputError: A map is not one of texts, or translates into what we do not have.
    """
    told = config.get("maps") or {}
    if not isinstance(told, Mapping):
        raise _wrong(name="maps")
    read = _texts(told, "read", READ)
    levels = {name: _pair(value) for name, value in {**LEVELS, **_mapping(told, "levels")}.items()}
    answers = _texts(told, "answers", ANSWERS)
    if set(read.values()) - OURS or set(answers.values()) - {"approve", "reject"}:
        detail = f"A map may lead to {', '.join(sorted(OURS))}, and for approvals to approve or reject."
        raise BadInputError(detail)
    return Maps(
        states=_texts(told, "states", STATES),
        read=read,
        levels=levels,
        groups=_texts(told, "groups", {}),
        risks=_texts(told, "risks", RISKS),
        answers=answers,
        people=_texts(config, "people", {}),
        close_code=str(told.get("close_code") or CLOSE_CODE),
        endings=_texts(told, "endings", ENDINGS),
        **_route(told),
    )


def _mapping(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = told.get(name) or {}
    if not isinstance(value, Mapping):
        raise _wrong(name)
    return value


def _route(told: Mapping[str, Any]) -> dict[str, Any]:
    route, moves = told.get("route", ROUTE), _texts(told, "moves", MOVES)
    if not isinstance(route, list | tuple) or not all(isinstance(one, str) and one for one in route) or not route:
        raise _wrong(name="route")
    lost = [name for name, code in moves.items() if name != "CANCELLED" and code and code not in route]
    if set(moves) - set(MOVES) or lost:
        detail = f"The map 'moves' may name {', '.join(MOVES)}, and lead to states of the route, or to none."
        raise BadInputError(detail)
    return {"route": tuple(route), "moves": moves}


def _texts(told: Mapping[str, Any], name: str, otherwise: Mapping[str, str]) -> dict[str, str]:
    found: dict[Any, Any] = {**otherwise, **_mapping(told, name)}
    if not all(isinstance(key, str) and isinstance(value, str) for key, value in found.items()):
        raise _wrong(name)
    return found


def _pair(value: object) -> tuple[str, str]:
    if not isinstance(value, list | tuple) or len(value) != 2 or not all(isinstance(one, str) for one in value):
        raise _wrong(name="levels")
    return str(value[0]), str(value[1])


def _wrong(name: str) -> BadInputError:
    detail = f"The map {name!r} of the connection must be one of texts to texts; levels have impact and urgency."
    return BadInputError(detail)
