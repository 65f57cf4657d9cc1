"""How useful the alerts of each source are, in people's own words."""

from dataclasses import dataclass

from django.db.models import Count, Q

from incidents.models import Rating


@dataclass(frozen=True, slots=True, kw_only=True)
class Usefulness:
    """The words on one source's alerts.

    Attributes:
        useful, noise: how many ratings say so, each person and alert once.
        people: how many different people rated.
        rate: the useful part, 0 to 1.
    """

    source: str
    useful: int
    noise: int
    people: int
    rate: float


def usefulness() -> list[Usefulness]:
    """Each source that was rated, the noisiest first; one query."""
    counted = (
        Rating.objects.order_by()
        .values("alert__source")
        .annotate(
            useful=Count("pk", filter=Q(verdict=Rating.USEFUL)),
            noise=Count("pk", filter=Q(verdict=Rating.NOISE)),
            people=Count("by", distinct=True),
        )
    )
    found = [
        Usefulness(
            source=row["alert__source"],
            useful=row["useful"],
            noise=row["noise"],
            people=row["people"],
            rate=round(row["useful"] / (row["useful"] + row["noise"]), 3),
        )
        for row in counted
    ]
    return sorted(found, key=lambda one: (one.rate, -one.noise, one.source))
