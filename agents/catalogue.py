"""Everything that agents can do. What is not in this table cannot be done, whoever proposes it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

RESULT_COMMIT = "{result.commit}"
"""In an undo: the commit that the step itself made, read from the target's own mark when the undo runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of an action: all are text, all are required.

    Attributes:
        pattern: what the whole value must match.
        sentence: what it is, for people.
    """

    name: str
    pattern: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A typed action.

    Attributes:
        adapter: the actuator of `connectors.registry` that does it.
        command: what a person would type instead; `{name}` and `{name_short}` (seven characters) are filled in.
        reversible: whether it can be undone at all.
        undo_title, undo_command, undo_parameters: how; by the same adapter. Empty where there is none.
        max_timeout_s: the longest time-out that a runbook may ask for.
    """

    slug: str
    adapter: str
    command: str
    parameters: tuple[Parameter, ...]
    reversible: bool
    undo_title: str = ""
    undo_command: str = ""
    undo_parameters: tuple[tuple[str, str], ...] = ()
    max_timeout_s: int = 300

    @property
    def has_undo(self) -> bool:
        """Whether the executor can compensate it."""
        return bool(self.undo_command)

    def fault(self, params: Mapping[str, str]) -> str:
        """What is wrong with these parameters, as a sentence; empty if nothing is."""
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in sorted(set(params) - set(known)):
            return f"{self.slug} has no parameter {name!r}."
        for name, parameter in known.items():
            if name not in params:
                return f"{self.slug} needs the parameter {name!r}: {parameter.sentence}."
            if not re.fullmatch(parameter.pattern, params[name]):
                return f"{name} of {self.slug} is {params[name]!r}; it must be {parameter.sentence}."
        return ""


ACTIONS: Mapping[str, Action] = {
    action.slug: action
    for action in (
        Action(
            slug="restart-service",
            adapter="supervisor.restart",
            command="supervisorctl restart {process}",
            parameters=(
                Parameter(name="process", pattern=r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,79}", sentence="a supervised process"),
            ),
            reversible=False,
        ),
        Action(
            slug="rollback-config",
            adapter="git.revert",
            command="git revert --no-edit {commit_short}",
            parameters=(
                Parameter(name="commit", pattern=r"[0-9a-f]{40}", sentence="a full commit id of 40 hex digits"),
                Parameter(name="branch", pattern=r"[A-Za-z0-9][A-Za-z0-9._/-]{0,79}", sentence="a branch"),
            ),
            reversible=True,
            undo_title="Put the change back",
            undo_command="git revert --no-edit <the revert>",
            undo_parameters=(("commit", RESULT_COMMIT), ("branch", "{branch}")),
        ),
    )
}


def command_of(action: Action, params: Mapping[str, str]) -> str:
    """What a person would type."""
    names = {**params, **{f"{name}_short": value[:7] for name, value in params.items()}}
    return re.sub(r"\{([a-z_]+)\}", lambda found: names[found.group(1)], action.command)


def undo_params(action: Action, params: Mapping[str, str]) -> dict[str, str]:
    """The undo's parameters for a step with these; the step's own commit stays a placeholder."""
    return {name: params.get(value.strip("{}"), value) for name, value in action.undo_parameters}
