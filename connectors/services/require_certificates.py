"""Hold a source to client certificates, or to none."""

from collections.abc import Sequence

from django.db import transaction

from audit import ledger
from connectors.certificates import MOST, Certificate
from connectors.finding import kept_source
from connectors.models import Source
from core import clock, live
from core.actors import Actor
from core.errors import BadInputError


@transaction.atomic
def require_certificates(slug: str, certificates: Sequence[Certificate], *, actor: Actor) -> Source:
    """Take this source's posts with one of these certificates alone, in place of those before; with none: without any.

    Raises:
        NotFoundError: There is no such source.
        NotPermittedError: The actor is a person without the admin's role.
        BadInputError: There are too many, or one has expired.
    """
    source = kept_source(slug, actor=actor)
    if len({one.sha256 for one in certificates}) != len(certificates) or len(certificates) > MOST:
        detail = f"Name at most {MOST} certificates, each once."
        raise BadInputError(detail)
    expired = next((one for one in certificates if one.ends_at is not None and one.ends_at <= clock.now()), None)
    if expired is not None:
        detail = f"The certificate {expired.sentence} has expired. Nothing was changed."
        raise BadInputError(detail)

    source.certificates = [one.as_json() for one in certificates]
    source.save(update_fields=["certificates"])

    verb = "source.certificates_required" if certificates else "source.certificates_waived"
    facts = {"name": source.name, "certificates": source.certificates}
    ledger.append(actor=actor, verb=verb, subject=f"source:{slug}", facts=facts)
    live.changed("sources")
    return source
