"""Sign-in through an OpenID Connect provider: the code flow with PKCE, by Authlib's parts and our one HTTP client."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, cast
from urllib.parse import urlencode

from authlib.common.errors import AuthlibBaseError
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from django.conf import settings
from django.http import HttpRequest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from connectors import http
from connectors.http import UnreachableError
from core import clock
from core.errors import NotSignedInError
from people.identities import Identity

ALGORITHMS: Final = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
"""Signatures by a key that the provider keeps to itself; never an HMAC with a secret that is shared."""
SCOPE: Final = "openid profile email"
KEPT, TOKEN = "oidc", "id_token"
MOST_KEPT: Final = 4
VALID_FOR: Final = timedelta(minutes=10)
SIGN_IN, STEP_UP, LINK = "sign-in", "step-up", "link"
LEEWAY_S: Final = 60
MAX_BYTES: Final = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back from the provider, checked.

    Attributes:
        intent: sign-in, step-up or link.
        next: the page to go back to.
        id_token: for signing out there.
    """

    identity: Identity
    intent: str
    next: str
    id_token: str


def start(request: HttpRequest, intent: str, back: str) -> str:
    """The provider's address to go to; what must come back is kept in this browser's session."""
    state, nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    kept: dict[str, Any] = dict(list(request.session.get(KEPT, {}).items())[-(MOST_KEPT - 1) :])
    started = clock.rfc3339(clock.now())
    kept[state] = {"nonce": nonce, "verifier": verifier, "next": back, "intent": intent, "at": started}
    request.session[KEPT] = kept
    # With max_age the provider must say when it saw the person (OpenID Connect Core, 3.1.2.1).
    again = {"prompt": "login", "max_age": "0"} if intent != SIGN_IN else {"max_age": str(int(settings.SESSION_MAX_S))}
    uri = prepare_grant_uri(
        metadata()["authorization_endpoint"],
        settings.OIDC_CLIENT_ID,
        "code",
        redirect_uri=redirect_uri(),
        scope=SCOPE,
        state=state,
        nonce=nonce,
        code_challenge=create_s256_code_challenge(verifier),
        code_challenge_method="S256",
        **again,
    )
    return cast("str", uri)


def finish(request: HttpRequest) -> Answer:
    """Check what the provider sent back by way of the browser, and ask it for the token.

    Raises:
        NotSignedInError: The provider said no, or the answer is forged, replayed, too old or another provider's.
    """
    told = request.GET
    kept = dict(request.session.get(KEPT, {}))
    began = kept.pop(told.get("state", ""), None)
    request.session[KEPT] = kept  # whatever happens next, this state is used up
    if began is None or clock.now() - clock.from_rfc3339(began["at"]) > VALID_FOR:
        detail = "This answer belongs to no sign-in of this browser, or to one that is over. Sign in again."
        raise NotSignedInError(detail)
    _same_issuer(told.get("iss"))
    if "error" in told or not told.get("code"):
        said = told.get("error_description") or told.get("error") or "nothing"
        detail = f"Your company's sign-in said no: {said[:200]}. Nothing was changed here."
        raise NotSignedInError(detail)
    tokens = _exchange(told["code"], began["verifier"])
    claims = _checked(str(tokens.get("id_token", "")), began["nonce"])
    identity = _identity(claims)
    if began["intent"] != SIGN_IN and identity.authenticated_at is None:
        detail = "Your company's sign-in does not say when it saw you, so it cannot confirm that it is you."
        raise NotSignedInError(detail)
    return Answer(identity=identity, intent=began["intent"], next=began["next"], id_token=str(tokens["id_token"]))


def keep_token(request: HttpRequest, id_token: str) -> None:
    """Keep the token for signing out at the provider."""
    request.session[TOKEN] = id_token


def end_session_url(request: HttpRequest) -> str:
    """Where the provider ends its own session; empty where there is none to end."""
    token = request.session.get(TOKEN, "")
    if not token or not settings.OIDC_ISSUER:
        return ""
    try:
        endpoint = metadata().get("end_session_endpoint", "")
    except NotSignedInError:  # it does not answer: our own session ends all the same
        return ""
    back = {"id_token_hint": token, "post_logout_redirect_uri": f"{settings.HERE_URL}/sign-in/"}
    return f"{endpoint}?{urlencode(back)}" if endpoint else ""


def redirect_uri() -> str:
    """Where the provider sends people back to; registered there."""
    return f"{settings.HERE_URL}/sign-in/company/done/"


def metadata() -> dict[str, Any]:
    """What the provider says of itself, kept for ten minutes.

    Raises:
        NotSignedInError: It does not answer, or names another issuer.
    """
    return _metadata(settings.OIDC_ISSUER, int(clock.timestamp() // 600))


@lru_cache(maxsize=2)
def _metadata(issuer: str, _ten_minutes: int) -> dict[str, Any]:
    found = _json("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != issuer:
        detail = (
            "Your company's sign-in names another issuer than OIDC_ISSUER. Whoever runs this console can put it right."
        )
        raise NotSignedInError(detail)
    return found


def _json(
    method: str, url: str, content: bytes | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    given = {"Accept": "application/json", **(headers or {})}
    try:
        reply = http.send(method, url, headers=given, content=content, max_bytes=MAX_BYTES)
        found = json.loads(reply.body)
    except (UnreachableError, ValueError) as error:
        detail = "Your company's sign-in does not answer. Try again in a minute."
        raise NotSignedInError(detail) from error
    if not reply.is_ok or not isinstance(found, dict):
        said = found.get("error", reply.status) if isinstance(found, dict) else reply.status
        detail = f"Your company's sign-in did not take it: {str(said)[:100]}. Sign in again."
        raise NotSignedInError(detail)
    return found


def _same_issuer(said: str | None) -> None:
    """RFC 9207: an answer that names its issuer must name ours; a provider that promises to must."""
    required = metadata().get("authorization_response_iss_parameter_supported") is True
    if (said is None and required) or (said is not None and said != settings.OIDC_ISSUER):
        detail = "This answer comes from another provider than the one that was asked. Sign in again."
        raise NotSignedInError(detail)


def _exchange(code: str, verifier: str) -> dict[str, Any]:
    endpoint = metadata()["token_endpoint"]
    body = prepare_token_request("authorization_code", code=code, redirect_uri=redirect_uri(), code_verifier=verifier)
    method = "client_secret_basic" if settings.OIDC_CLIENT_SECRET else "none"
    auth = ClientAuth(settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET, method)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    uri, headers, body = auth.prepare("POST", endpoint, form, body)
    return _json("POST", uri, str(body).encode("ascii"), headers)


def _checked(id_token: str, nonce: str) -> CodeIDToken:
    """The claims of a token that this provider signed for us and for this very sign-in.

    Raises:
        NotSignedInError: Another signer, audience, issuer or sign-in, or too old.
    """
    keys = _json("GET", metadata()["jwks_uri"])
    options = {"iss": {"essential": True, "value": settings.OIDC_ISSUER}, "sub": {"essential": True}}
    try:
        registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        token = jwt.decode(id_token, KeySet.import_key_set(cast("Any", keys)), registry=registry)
        params = {"nonce": nonce, "client_id": settings.OIDC_CLIENT_ID}
        claims = CodeIDToken(token.claims, token.header, options, params)
        claims.validate(now=int(clock.timestamp()), leeway=LEEWAY_S)
        audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if settings.OIDC_CLIENT_ID not in audience:
            raise NotSignedInError("aud")  # noqa: EM101 -- replaced below
    except (JoseError, AuthlibBaseError, NotSignedInError, ValueError, KeyError, TypeError) as error:
        detail = "What your company's sign-in sent does not check out. Nobody was signed in. Try again."
        raise NotSignedInError(detail) from error
    return claims


def _identity(claims: Mapping[str, Any]) -> Identity:
    groups = claims.get(settings.OIDC_GROUPS_CLAIM, [])
    seen = claims.get("auth_time")
    name = str(claims.get("name") or claims.get("preferred_username") or claims.get("email") or "")
    return Identity(
        issuer=settings.OIDC_ISSUER,
        subject=str(claims["sub"]),
        name=name,
        wanted_handle=str(claims.get("preferred_username") or claims.get("email") or name),
        groups=tuple(str(group) for group in groups) if isinstance(groups, list) else (),
        authenticated_at=datetime.fromtimestamp(seen, UTC) if isinstance(seen, int | float) else None,
    )
