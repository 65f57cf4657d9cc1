"""Every connector, one line each. Nothing is found by scanning."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from connectors.base import Actuator, ChangeReader, LogReader, MetricReader, Prober, ReaderError
from connectors.git import Changes, Revert
from connectors.jira.desk import Desk as JiraDesk
from connectors.models import Connection
from connectors.prometheus import Prometheus
from connectors.secrets import unseal
from connectors.servicenow.desk import Desk as ServiceNowDesk
from connectors.sources import SOURCES
from connectors.supervisor import Supervisor
from connectors.ticket_system import TicketSystem
from connectors.told import Source
from connectors.warrants import Warrant
from core.errors import NotFoundError

Make = Callable[[Mapping[str, Any], Mapping[str, str]], Any]
Reader = MetricReader | LogReader | ChangeReader

ALERT_SOURCES: Mapping[str, Source] = {source.slug: source for source in SOURCES}

ALIASES: Mapping[str, str] = {name: source.slug for source in SOURCES for name in source.formats}
"""Other names of a source's wire format."""

READERS: Mapping[str, Make] = {"git": Changes, "prometheus": Prometheus, "supervisor": Supervisor}

TICKETS: Mapping[str, type[TicketSystem]] = {"jira": JiraDesk, "servicenow": ServiceNowDesk}
"""Where tickets and requests for changes are mirrored."""

ACTUATORS: Mapping[str, tuple[str, Make]] = {
    "git.revert": ("git", Revert),
    "supervisor.restart": ("supervisor", Supervisor),
}
"""Adapter name, as it stands in signed steps, to the kind of connection and the class."""


def canonical_kind(kind: str) -> str:
    """The one name of a wire format."""
    return ALIASES.get(kind, kind)


def alert_source(kind: str) -> Source:
    """The adapter that reads a wire format.

    Raises:
        NotFoundError: There is none; the sentence names those that there are.
    """
    source = ALERT_SOURCES.get(canonical_kind(kind))
    if source is None:
        detail = f"There is no source kind {kind[:40]!r}. There are: {', '.join(sorted(ALERT_SOURCES))}."
        raise NotFoundError(detail)
    return source


def connection(kind: str, environment: str) -> Connection:
    """The active connection of a kind in an environment; one without an environment serves all.

    Raises:
        ReaderError: There is none.
    """
    active = Connection.objects.filter(kind=kind, is_active=True, environment__in={environment, ""})
    found = active.order_by("-environment", "name").first()
    if found is None:
        detail = f"Nothing of the kind {kind} is connected in {environment or 'any environment'}."
        raise ReaderError(detail, kind=kind, environment=environment)
    return found


def open_reader(kind: str, environment: str) -> Any:  # noqa: ANN401 -- which protocol it is follows from `kind`
    """The reader of a kind in an environment: prometheus reads metrics, supervisor logs, git changes.

    Raises:
        ReaderError: No such kind, or nothing of it is connected there.
    """
    if kind not in READERS:
        detail = f"There is no reader {kind!r}. There are: {', '.join(sorted(READERS))}."
        raise ReaderError(detail)
    return _open(READERS[kind], connection(kind, environment))


def metrics(environment: str) -> MetricReader:
    """The environment's metrics.

    Raises:
        ReaderError: None are connected.
    """
    return cast("MetricReader", open_reader("prometheus", environment))


def logs(environment: str) -> LogReader:
    """The environment's logs.

    Raises:
        ReaderError: None are connected.
    """
    return cast("LogReader", open_reader("supervisor", environment))


def changes(environment: str) -> ChangeReader:
    """The environment's changes.

    Raises:
        ReaderError: None are connected.
    """
    return cast("ChangeReader", open_reader("git", environment))


def actuator(adapter: str, target: str, warrant: Warrant) -> Actuator:
    """What acts under an adapter's name on a target, `<environment>/<service>`: opened for a cleared change alone.

    Raises:
        RefusedError: The warrant is for other tools or targets.
        ReaderError: No such adapter, or nothing of its kind is connected there.
    """
    warrant.require(adapter, target)
    return cast("Actuator", _tool(adapter, target))


def prober(adapter: str, target: str) -> Prober:
    """The same tool with its hands tied: it answers what a plan must know, and cannot act.

    Raises:
        ReaderError: No such adapter, or nothing of its kind is connected there.
    """
    tool = _tool(adapter, target)
    return Prober(probe=tool.probe, dry_run=getattr(tool, "dry_run", None), may_act=getattr(tool, "may_act", None))


def _tool(adapter: str, target: str) -> Any:  # noqa: ANN401 -- an actuator, as its protocol says
    if adapter not in ACTUATORS:
        detail = f"There is no actuator {adapter!r}. There are: {', '.join(sorted(ACTUATORS))}."
        raise ReaderError(detail)
    kind, make = ACTUATORS[adapter]
    return _open(make, connection(kind, target.partition("/")[0]))


def _open(make: Make, found: Connection) -> Any:  # noqa: ANN401 -- as `open_reader`
    return make(found.config, unseal(found.secret))
