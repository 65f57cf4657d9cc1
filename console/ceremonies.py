"""Challenges of sign-in passkeys: random, bound to the browser session and to one purpose, once, for five minutes."""

import json
import secrets
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from core import clock
from core.errors import BadInputError, RefusedError
from people.sign_in_keys import Place, place_of

SIGN_IN, STEP_UP, ENROL = "sign-in", "step-up", "enrol"
VALID_FOR: Final = timedelta(minutes=5)
MAX_BYTES: Final = 20_000
KEPT: Final = "challenge"


def here() -> Place:
    """Where this process's passkeys for signing in work."""
    return place_of(settings.HERE_URL)


def hand_out(request: HttpRequest, purpose: str) -> bytes:
    """A new challenge; one handed out before is void."""
    challenge = secrets.token_bytes(32)
    request.session[KEPT] = [purpose, bytes_to_base64url(challenge), clock.rfc3339(clock.now())]
    return challenge


def take_back(request: HttpRequest, purpose: str) -> bytes:
    """The challenge that was handed out for this purpose; it is used up.

    Raises:
        RefusedError: There is none, or it is too old.
    """
    kept = request.session.pop(KEPT, None)
    if not kept or kept[0] != purpose or clock.now() - clock.from_rfc3339(kept[2]) > VALID_FOR:
        detail = "This took too long, or was done already. Try again."
        raise RefusedError(detail)
    return base64url_to_bytes(kept[1])


def sent(request: HttpRequest) -> dict[str, Any]:
    """What a page of ours sent, as an object.

    Raises:
        BadInputError: It is something else.
    """
    try:
        found = json.loads(request.body) if len(request.body) <= MAX_BYTES else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        detail = "This is not what a page of ours sends."
        raise BadInputError(detail)
    return found
