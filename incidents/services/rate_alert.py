"""Say whether an alert was useful or noise."""

from django.db import transaction

from audit import ledger
from core import clock, live
from core.actors import Actor
from core.errors import BadInputError, NotFoundError
from core.permissions import Permission
from incidents.models import Alert, Rating
from incidents.permissions import grants


@transaction.atomic
def rate_alert(alert_id: int, verdict: str, *, actor: Actor) -> Rating:
    """Record a person's word on an alert; a later word replaces it, the same one again writes nothing.

    Raises:
        NotFoundError: There is no such alert.
        NotPermittedError: The actor is no person who may read the alert.
        BadInputError: The verdict is neither `useful` nor `noise`.
    """
    alert = Alert.objects.select_for_update(of=("self",)).filter(pk=alert_id).first()
    if alert is None:
        detail = f"There is no alert {alert_id}."
        raise NotFoundError(detail)
    grants.require(Permission.ALERT_RATE, actor, alert)
    if verdict not in Rating.VERDICTS:
        detail = f"An alert is {' or '.join(Rating.VERDICTS)}, not {verdict[:40]!r}."
        raise BadInputError(detail, field="verdict")
    known = Rating.objects.filter(alert=alert, by=actor.id).first()
    if known is not None and known.verdict == verdict:
        return known

    rating, _ = Rating.objects.update_or_create(
        alert=alert, by=actor.id, defaults={"verdict": verdict, "at": clock.now()}
    )
    about = [f"incident:{alert.incident_id}"] if alert.incident_id else []
    facts = {"verdict": verdict, "title": alert.title, "source": alert.source, "service": alert.service}
    ledger.append(actor=actor, verb="alert.rated", subject=f"alert:{alert.pk}", facts=facts, about=about)
    live.changed("sources", *about)
    return rating
