"""The settings of a connection to Jira: where issues go, and our words in the words of that project."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from core.errors import BadInputError

DEPLOYMENTS: Final = ("cloud", "datacenter")
STATES: Final = {"OPEN": "", "ACKNOWLEDGED": "In Progress", "RESOLVED": "Done", "CLOSED": "Done"}
CATEGORIES: Final = {"new": "OPEN", "indeterminate": "ACKNOWLEDGED", "done": "RESOLVED"}
PRIORITIES: Final = {"S1": "Highest", "S2": "High", "S3": "Medium", "S4": "Low"}
UNCLASSIFIED: Final = "unclassified"
SETTLE_S: Final = 600.0
LONGEST_S: Final = 20.0
"""For one answer: a ticket takes about nine of them, and one worker holds it for three minutes."""
MAPS: Final = frozenset({"states", "read", "priorities", "components", "assignees"})
NAMES: Final = frozenset(
    {
        *("url", "deployment", "project", "issue_type", "labels", "resolution", "maps"),
        *("source", "tickets", "poll_s", "timeout_s", "settle_s"),
    }
)
APPROVALS: Final = frozenset({"changes", "require_approval", "people"})
_PROJECT: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")
_LABEL: Final = re.compile(r"\S{1,255}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Maps:
    """The settings of one connection.

    Attributes:
        states: our state to the name of their status; an empty one is not gone to.
        read: the name of their status, in lower case, to our state; others by the category of the status.
        priorities: our severity to the name of their priority; an empty one is not sent.
        components, assignees: our service to a component's name and to an account; `*` for all others.
        resolution: given where a transition asks for one; empty for none.
        settle_s: how long after a create without an answer the search may still not show the issue.
    """

    project: str
    issue_type: str
    is_cloud: bool
    labels: Sequence[str] = ()
    resolution: str = ""
    settle_s: float = SETTLE_S
    states: Mapping[str, str] = field(default_factory=lambda: dict(STATES))
    read: Mapping[str, str] = field(default_factory=dict)
    priorities: Mapping[str, str] = field(default_factory=lambda: dict(PRIORITIES))
    components: Mapping[str, str] = field(default_factory=dict)
    assignees: Mapping[str, str] = field(default_factory=dict)

    def state_read(self, status: str, category: str) -> str:
        """Our state for their status; `unclassified` for one that is not known."""
        return self.read.get(status.casefold()) or CATEGORIES.get(category, UNCLASSIFIED)


def of_service(found: Mapping[str, str], service: str) -> str:
    """What a map has for a service, else for all others; empty for nothing."""
    return found.get(service) or found.get("*", "")


def maps_of(config: Mapping[str, Any]) -> Maps:
    """The settings of a connection, its own over the default ones.

    Raises:
        BadInputError: Something is missing, unknown, or leads nowhere; the sentence says what to write instead.
    """
    _require_known(config)
    told = config.get("maps") or {}
    if not isinstance(told, Mapping) or set(told) - MAPS:
        detail = f"`maps` may hold {', '.join(sorted(MAPS))}, each a map of texts to texts."
        raise BadInputError(detail)
    read = {name.casefold(): state for name, state in _texts(told, "read", {}).items()}
    states = _texts(told, "states", STATES)
    if set(read.values()) - set(STATES) or set(states) - set(STATES):
        detail = f"Our states are {', '.join(STATES)}: `states` maps them to names of statuses, `read` back to them."
        raise BadInputError(detail)
    return Maps(
        project=_project(config),
        issue_type=_text(config, "issue_type", "Task"),
        is_cloud=_is_cloud(config),
        labels=_labels(config),
        resolution=_text(config, "resolution", ""),
        settle_s=_seconds(config, "settle_s", SETTLE_S),
        states=states,
        read=read,
        priorities=_texts(told, "priorities", PRIORITIES),
        components=_texts(told, "components", {}),
        assignees=_texts(told, "assignees", {}),
    )


def _require_known(config: Mapping[str, Any]) -> None:
    if asked := sorted(set(config) & APPROVALS):
        detail = f"Jira gives no approvals that count, so it knows no {', '.join(asked)}; ServiceNow's requests do."
        raise BadInputError(detail)
    if odd := sorted(set(config) - NAMES):
        detail = f"Unknown settings: {', '.join(odd)[:200]}. There are: {', '.join(sorted(NAMES))}."
        raise BadInputError(detail)
    _seconds(config, "poll_s", 1.0)
    _seconds(config, "timeout_s", 1.0, most=LONGEST_S)


def _is_cloud(config: Mapping[str, Any]) -> bool:
    said = config.get("deployment")
    if said not in DEPLOYMENTS:
        detail = "Say `deployment`: cloud for https://<site>.atlassian.net, datacenter for a Jira of your own."
        raise BadInputError(detail)
    return bool(said == "cloud")


def _project(config: Mapping[str, Any]) -> str:
    said = config.get("project")
    if not isinstance(said, str) or not _PROJECT.fullmatch(said):
        detail = "Say `project`: the key of the project that issues are made in, such as OPS."
        raise BadInputError(detail)
    return said


def _labels(config: Mapping[str, Any]) -> Sequence[str]:
    said = config.get("labels") or []
    if not isinstance(said, list) or not all(isinstance(one, str) and _LABEL.fullmatch(one) for one in said):
        detail = "`labels` must be a list of texts without spaces, of at most 255 characters each."
        raise BadInputError(detail)
    return tuple(said)


def _text(config: Mapping[str, Any], name: str, otherwise: str) -> str:
    said = config.get(name) or otherwise
    if not isinstance(said, str):
        detail = f"`{name}` must be a text."
        raise BadInputError(detail)
    return said


def _seconds(config: Mapping[str, Any], name: str, otherwise: float, *, most: float = 86_400.0) -> float:
    said = config.get(name, otherwise)
    if isinstance(said, bool) or not isinstance(said, int | float) or not 0 <= said <= most:
        detail = f"`{name}` must be a number of seconds, at most {most:g}."
        raise BadInputError(detail)
    return float(said)


def _texts(told: Mapping[str, Any], name: str, otherwise: Mapping[str, str]) -> dict[str, str]:
    said = told.get(name) or {}
    found: dict[Any, Any] = {**otherwise, **said} if isinstance(said, Mapping) else {"": None}
    if not all(isinstance(key, str) and isinstance(value, str) for key, value in found.items()):
        detail = f"The map `{name}` must be one of texts to texts."
        raise BadInputError(detail)
    return found
