"""Ask a target something, try a step without doing it, or, under a warrant, open the tool that acts on it."""

from collections.abc import Mapping

from connectors.base import Actuator, DryRun
from connectors.registry import actuator, prober
from connectors.warrants import Warrant


def tool_for(adapter: str, target: str, warrant: Warrant) -> Actuator:
    """The actuator of a cleared step; a target is `<environment>/<service>`.

    Raises:
        RefusedError: The step is not of the change that was cleared.
        ReaderError: Nothing of its kind is connected there.
    """
    return actuator(adapter, target, warrant)


def probe_of(adapter: str, target: str, probe: str, params: Mapping[str, str]) -> str:
    """Ask a target; what follows a colon in the probe is the path that it is asked about.

    Raises:
        ReaderError: The target did not answer.
        ActuatorError: There is no such probe.
    """
    name, _, path = probe.partition(":")
    given = {**params, "path": path} if path else dict(params)
    return prober(adapter, target).probe(name, given)


def permission_for(adapter: str, target: str, params: Mapping[str, str]) -> DryRun | None:
    """Whether our account may do the step at all; None where the tool cannot say.

    Raises:
        ReaderError: The target did not answer.
    """
    ask = prober(adapter, target).may_act
    return ask(dict(params)) if ask is not None else None


def dry_run_of(adapter: str, target: str, params: Mapping[str, str]) -> DryRun | None:
    """What the step would do; None where the tool has no dry run.

    Raises:
        ReaderError: The target did not answer.
    """
    attempt = prober(adapter, target).dry_run
    return attempt(dict(params)) if attempt is not None else None
