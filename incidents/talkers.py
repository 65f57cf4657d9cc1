"""Who talks most in an incident: what a storm is made of."""

from dataclasses import dataclass

from django.db.models import Count

from incidents.models import Alert, Incident

MOST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Talker:
    """A service, a source or a title, and how many alerts of the incident have it."""

    name: str
    alerts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Talkers:
    """The top talkers of an incident, each list the loudest first."""

    alerts: int
    services: tuple[Talker, ...]
    sources: tuple[Talker, ...]
    titles: tuple[Talker, ...]


def talkers(incident: Incident) -> Talkers:
    """Counted in the database; four queries however many alerts there are."""
    alerts = Alert.objects.filter(incident=incident).order_by()

    def top(field: str) -> tuple[Talker, ...]:
        rows = alerts.exclude(**{field: ""}).values(field).annotate(number=Count("pk")).order_by("-number", field)
        return tuple(Talker(name=row[field], alerts=row["number"]) for row in rows[:MOST])

    return Talkers(alerts=alerts.count(), services=top("service"), sources=top("source"), titles=top("title"))
