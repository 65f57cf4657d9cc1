"""A statement that was handed out over HTTP comes back from where it went: the same browser session, the same token."""

import secrets

from rest_framework.request import Request

from approvals import statements
from approvals.api.access import session_of
from approvals.challenges import bound_to
from approvals.models import SigningTemplate
from core.errors import RefusedError
from proof.signatures import SignatureError, read_sidecar


def bind(template: SigningTemplate, request: Request) -> SigningTemplate:
    """Note where a template goes."""
    template.session = bound_to(session_of(request))
    template.save(update_fields=["session"])
    return template


def require_bound(sidecar: bytes, request: Request) -> None:
    """Refuse a signed statement that comes from elsewhere than where its template went; one used already may repeat.

    What is no signed statement is left to the verb, which asks first whether one may decide at all.

    Raises:
        RefusedError: It does.
    """
    try:
        nonce = statements.read(read_sidecar(sidecar).payload).nonce
    except (SignatureError, RefusedError):
        return
    template = SigningTemplate.objects.filter(pk=nonce, used_at=None).first()
    if template is None or not template.session:
        return
    if not secrets.compare_digest(template.session, bound_to(session_of(request))):
        detail = "This statement was handed out in another session. Open the request here and sign what it shows."
        raise RefusedError(detail)
