"""What a provider's answer must be: each way in which it can be wrong, tried on a provider in this process."""

import json
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from connectors import http
from connectors.http import Reply, UnreachableError
from console import oidc
from core import clock
from core.errors import NotSignedInError
from proof.binary import b64url

ISSUER = "https://company.example"
SECRET = "s3cret-for-tests-s3cret-for-tests"
KEY, OTHER = RSAKey.generate_key(2048, {"kid": "k"}), RSAKey.generate_key(2048, {"kid": "k"})
METADATA = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/auth",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/jwks",
    "end_session_endpoint": f"{ISSUER}/end",
    "authorization_response_iss_parameter_supported": True,
}


class Company:
    """The provider: what it says can be changed before it is asked."""

    def __init__(self):
        self.metadata, self.keys, self.claims = dict(METADATA), KeySet([KEY]), {}
        self.algorithm, self.signer, self.asked = "RS256", KEY, {}

    def send(self, method, url, *, headers=None, content=None, **_):
        if url.endswith("/openid-configuration"):
            return self._json(self.metadata)
        if url.endswith("/jwks"):
            return self._json(self.keys.as_dict(private=False))
        self.asked = parse_qs(content.decode())
        return self._json({"access_token": "x", "token_type": "Bearer", "id_token": self._token()})

    def _token(self):
        header = {"alg": self.algorithm, "kid": "k"}
        if self.algorithm == "none":
            parts = [json.dumps(header), json.dumps(self.claims)]
            return ".".join(b64url(part.encode()) for part in parts) + "."
        return jwt.encode(header, self.claims, self.signer, algorithms=[self.algorithm])

    def _json(self, value):
        return Reply(status=200, headers={}, body=json.dumps(value).encode())


@pytest.fixture
def company(settings, monkeypatch):
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = ISSUER, "us", SECRET
    made = Company()
    monkeypatch.setattr(http, "send", made.send)
    oidc._metadata.cache_clear()
    yield made
    oidc._metadata.cache_clear()


@pytest.fixture
def browser():
    return SimpleNamespace(session={}, GET={})


def started(company, browser, intent=oidc.SIGN_IN, **over):
    """A sign-in begun, and what the provider would say at its end."""
    asked = parse_qs(urlsplit(oidc.start(browser, intent, "/keys/")).query)
    now = int(clock.timestamp())
    company.claims = {
        "iss": ISSUER,
        "sub": "s-1",
        "aud": "us",
        "exp": now + 600,
        "iat": now,
        "auth_time": now,
        "nonce": asked["nonce"][0],
        "groups": ["sre"],
        "name": "Grace",
        **over,
    }
    browser.GET = {"code": "c", "state": asked["state"][0], "iss": ISSUER}
    return asked


def test_a_right_answer_is_somebody(company, browser):
    asked = started(company, browser)
    answer = oidc.finish(browser)

    assert (answer.identity.subject, answer.identity.groups, answer.next) == ("s-1", ("sre",), "/keys/")
    assert asked["code_challenge_method"] == ["S256"]
    assert company.asked["code_verifier"][0] not in json.dumps(asked)
    assert company.asked["redirect_uri"] == ["http://localhost:8000/sign-in/company/done/"]


@pytest.mark.parametrize(
    "over",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"iss": "https://evil.example"},
        {"iss": f"{ISSUER}/"},
        {"aud": "them"},
        {"aud": ["them", "also"]},
        {"aud": ["us", "them"], "azp": "them"},
        {"exp": 1},
        {"iat": 9_999_999_999},
        {"sub": None},
    ],
)
def test_claims_that_are_not_for_this_sign_in_are_refused(company, browser, over):
    started(company, browser)
    company.claims.update(over)
    company.claims = {name: value for name, value in company.claims.items() if value is not None}

    with pytest.raises(NotSignedInError, match="does not check out"):
        oidc.finish(browser)


@pytest.mark.parametrize(
    ("algorithm", "signer"),
    [("RS256", OTHER), ("HS256", OctKey.import_key(SECRET)), ("none", None), ("ES256", ECKey.generate_key("P-256"))],
)
def test_a_token_by_another_key_or_by_a_shared_secret_is_refused(company, browser, algorithm, signer):
    started(company, browser)
    company.algorithm, company.signer = algorithm, signer

    with pytest.raises(NotSignedInError, match="does not check out"):
        oidc.finish(browser)


@pytest.mark.parametrize("said", [{"iss": "https://evil.example"}, {"iss": None}])
def test_an_answer_of_another_provider_is_refused(company, browser, said):
    started(company, browser)
    browser.GET = {name: value for name, value in {**browser.GET, **said}.items() if value is not None}

    with pytest.raises(NotSignedInError, match="another provider"):
        oidc.finish(browser)


def test_discovery_that_names_another_issuer_is_refused(company, browser):
    company.metadata["issuer"] = "https://evil.example"

    with pytest.raises(NotSignedInError, match="another issuer"):
        started(company, browser)


def test_a_state_is_used_up_by_whatever_comes_first(company, browser):
    started(company, browser)
    company.claims["nonce"] = "another"
    for _ in range(2):
        with pytest.raises(NotSignedInError):
            oidc.finish(browser)
    assert browser.session[oidc.KEPT] == {}


def test_a_state_grows_old(company, browser, monkeypatch):
    started(company, browser)
    later = clock.now() + oidc.VALID_FOR * 1.1
    monkeypatch.setattr(clock, "now", lambda: later)

    with pytest.raises(NotSignedInError, match="over"):
        oidc.finish(browser)


def test_a_few_tabs_at_once_are_kept_and_no_more(company, browser):
    for _ in range(10):
        started(company, browser)
    assert len(browser.session[oidc.KEPT]) == oidc.MOST_KEPT
    assert oidc.finish(browser).identity.subject == "s-1"


def test_to_confirm_the_provider_must_say_when_it_saw_the_person(company, browser):
    asked = started(company, browser, oidc.STEP_UP)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
    del company.claims["auth_time"]

    with pytest.raises(NotSignedInError):
        oidc.finish(browser)


def test_a_provider_that_is_down_is_a_sentence(company, browser, monkeypatch):
    def silent(*_, **__):
        raise UnreachableError("no")

    monkeypatch.setattr(http, "send", silent)
    with pytest.raises(NotSignedInError, match="does not answer"):
        oidc.start(browser, oidc.SIGN_IN, "/")


def test_groups_that_are_no_list_are_none(company, browser):
    started(company, browser, groups="sre")

    assert oidc.finish(browser).identity.groups == ()
