"""Ask a target something, or try a step without doing it."""

from collections.abc import Mapping

from connectors.base import Actuator, DryRun
from connectors.registry import actuator


def tool_for(adapter: str, target: str) -> Actuator:
    """The actuator of a step; a target is `<environment>/<service>`."""
    return actuator(adapter, target.partition("/")[0])


def probe_of(adapter: str, target: str, probe: str, params: Mapping[str, str]) -> str:
    """Ask a target; what follows a colon in the probe is the path that it is asked about.

    Raises:
        ReaderError: The target did not answer.
        ActuatorError: There is no such probe.
    """
    name, _, path = probe.partition(":")
    given = {**params, "path": path} if path else dict(params)
    return tool_for(adapter, target).probe(name, given)


def dry_run_of(adapter: str, target: str, params: Mapping[str, str]) -> DryRun | None:
    """What the step would do; None where the tool has no dry run.

    Raises:
        ReaderError: The target did not answer.
    """
    attempt = getattr(tool_for(adapter, target), "dry_run", None)
    return attempt(dict(params)) if attempt is not None else None
