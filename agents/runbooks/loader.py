"""Read a runbook file; refuse it with the place of the fault rather than guess."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from agents.runbooks.lint import lint
from agents.runbooks.shape import (
    PreconditionTemplate,
    Runbook,
    RunbookError,
    StepTemplate,
    Touch,
    VerificationTemplate,
)

FOLDER = Path(__file__).parent
REQUIRED_PARAMETERS = frozenset({"window_s", "step_s", "verify_hold_s", "verify_timeout_s", "verify_every_s"})


def names() -> tuple[str, ...]:
    """The runbooks there are."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@cache
def load(name: str) -> Runbook:
    """The runbook of that name.

    Raises:
        RunbookError: There is none, or it is faulty.
    """
    if name not in names():
        detail = f"There is no runbook {name!r}; there are {', '.join(names())}."
        raise RunbookError(place="runbooks", why=detail)
    return parse((FOLDER / f"{name}.yaml").read_bytes(), expected_name=name)


def parse(source: bytes, *, expected_name: str) -> Runbook:
    """Validate a runbook's bytes.

    Raises:
        RunbookError: Something is missing, unknown or of the wrong kind; the message names the place.
    """
    try:
        data = yaml.safe_load(source)
    except yaml.YAMLError as error:
        raise RunbookError(place=f"{expected_name}", why=f"not YAML: {error}") from error
    top = _Table(data, expected_name)
    if top.text("name") != expected_name:
        raise RunbookError(place=f"{expected_name}.name", why=f"is {top.text('name')!r}; it must be the file's name.")
    runbook = Runbook(
        name=expected_name,
        version=top.whole("version"),
        answers=top.text("answers"),
        intent=top.text("intent"),
        parameters=_parameters(top.table("parameters")),
        names=tuple(top.texts("names")),
        preconditions=tuple(_precondition(one) for one in top.tables("preconditions")),
        steps=tuple(_step(one) for one in top.tables("steps")),
        verification=_verification(top.table("verification")),
        touches=tuple(_touch(one) for one in top.tables("touches")),
        unaffected=tuple(top.texts("unaffected")),
        source=source,
        sha256=hashlib.sha256(source).hexdigest(),
    )
    top.finished()
    lint(runbook)
    return runbook


class _Table:
    """A mapping that notices what was not asked for and says where something is wrong."""

    def __init__(self, data: object, place: str) -> None:
        if not isinstance(data, dict):
            raise RunbookError(place=f"{place}", why=f"must be a mapping, not {type(data).__name__}.")
        self.data: dict[str, Any] = dict(data)  # Any: YAML
        self.place = place
        self.asked: set[str] = set()

    def take(self, name: str, kind: type, words: str) -> Any:  # noqa: ANN401 -- YAML, checked here
        if name not in self.data:
            raise RunbookError(place=f"{self.place}.{name}", why=f"is missing; it must be {words}.")
        value = self.data[name]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise RunbookError(place=f"{self.place}.{name}", why=f"must be {words}, not {value!r}.")
        self.asked.add(name)
        return value

    def text(self, name: str) -> str:
        value: str = self.take(name, str, "text")
        if not value.strip():
            raise RunbookError(place=f"{self.place}.{name}", why="is empty.")
        return " ".join(value.split())

    def whole(self, name: str) -> int:
        value: int = self.take(name, int, "a whole number above 0")
        if value <= 0:
            raise RunbookError(place=f"{self.place}.{name}", why=f"must be a whole number above 0, not {value}.")
        return value

    def table(self, name: str) -> "_Table":
        return _Table(self.take(name, dict, "a mapping"), f"{self.place}.{name}")

    def tables(self, name: str) -> "list[_Table]":
        values = self.take(name, list, "a list")
        return [_Table(value, f"{self.place}.{name}[{index}]") for index, value in enumerate(values)]

    def texts(self, name: str) -> list[str]:
        values = self.take(name, list, "a list of texts")
        if not all(isinstance(value, str) and value for value in values):
            raise RunbookError(place=f"{self.place}.{name}", why="must be a list of texts.")
        return list(values)

    def finished(self) -> None:
        for name in sorted(set(self.data) - self.asked):
            raise RunbookError(place=f"{self.place}.{name}", why="is not known here.")


def _parameters(table: _Table) -> Mapping[str, float]:
    for name, value in table.data.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise RunbookError(place=f"{table.place}.{name}", why=f"must be a number of at least 0, not {value!r}.")
    for name in sorted(REQUIRED_PARAMETERS - set(table.data)):
        raise RunbookError(place=f"{table.place}.{name}", why="is missing; it must be a number.")
    return {name: float(value) for name, value in table.data.items()}


def _precondition(table: _Table) -> PreconditionTemplate:
    found = PreconditionTemplate(
        step=table.take("step", int, "the index of a step"),
        probe=table.text("probe"),
        expect=table.text("expect"),
        max_age_s=table.whole("max_age_s"),
        sentence=table.text("sentence"),
    )
    table.finished()
    return found


def _step(table: _Table) -> StepTemplate:
    params = table.table("params")
    found = StepTemplate(
        action=table.text("action"),
        target=table.text("target"),
        title=table.text("title"),
        params={name: params.text(name) for name in list(params.data)},
        timeout_s=table.whole("timeout_s"),
        undo_note=table.text("undo_note"),
    )
    table.finished()
    return found


def _verification(table: _Table) -> VerificationTemplate:
    found = VerificationTemplate(
        signal=table.text("signal"),
        target=table.text("target"),
        compare=table.text("compare"),
        threshold=table.text("threshold"),
        sentence=table.text("sentence"),
    )
    if found.compare not in {"<", ">"}:
        raise RunbookError(place=f"{table.place}.compare", why=f"must be < or >, not {found.compare!r}.")
    table.finished()
    return found


def _touch(table: _Table) -> Touch:
    found = Touch(name=table.text("name"), sentence=table.text("sentence"))
    table.finished()
    return found
