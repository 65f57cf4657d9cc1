"""Company sign-in in a real browser, against a provider that we did not write."""

import re
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import pytest
from playwright.sync_api import expect

from tests.console.company import Company

pytestmark = pytest.mark.browser

DONE = "/sign-in/company/done/"


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    started = Company(tmp_path_factory.mktemp("company"))
    yield started
    started.stop()


@pytest.fixture
def someone(company, chromium):
    """A browser of its own, each time it is asked."""
    return lambda: chromium.new_context(base_url=company.console.url).new_page()


def log_in_there(page, login):
    """The provider's own two forms: who, and consent."""
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.wait_for_load_state()
    if page.get_by_role("button", name="Continue").count():
        page.get_by_role("button", name="Continue").click()
        page.wait_for_load_state()


def come_in(page, login, path="/"):
    page.goto(path)
    page.get_by_role("link", name="Continue with company sign-in").click()
    log_in_there(page, login)
    return page


def path_of(page):
    return urlsplit(page.url).path


def test_somebody_signs_in_and_lands_where_they_wanted_with_the_groups_roles(someone):
    page = come_in(someone(), "grace", "/keys/")
    assert path_of(page) == "/keys/"
    page.goto("/account/")
    expect(page.locator("h1")).to_contain_text("grace")
    expect(page.locator(".lede")).to_contain_text("operator (from your company's groups)")
    expect(page.locator("#accounts")).to_contain_text("sre, staff")
    expect(page.locator("#sessions")).to_contain_text("by company sign-in")


def test_whose_groups_have_no_role_reads_why_and_is_nobody(someone):
    page = come_in(someone(), "ivan")
    expect(page.get_by_role("alert")).to_contain_text("your groups there (guests) have no role here")
    page.goto("/account/")
    assert path_of(page) == "/sign-in/"


def test_the_code_flow_uses_pkce_state_and_nonce(someone):
    page, seen = someone(), []
    page.on("request", lambda request: seen.append(request.url))
    come_in(page, "grace")
    asked = next(parse_qs(urlsplit(url).query) for url in seen if "code_challenge=" in url)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    assert all(len(asked[name][0]) > 40 for name in ("state", "nonce", "code_challenge"))


def test_signing_out_ends_the_companys_session_too(someone):
    page = come_in(someone(), "grace")
    page.locator(".me").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status").first).to_contain_text("signed out here")
    page.wait_for_url(re.compile("/session/end"))
    page.get_by_role("button", name="Yes, sign me out").click()
    page.wait_for_url(re.compile("/sign-in/"))
    page.goto("/account/")
    assert path_of(page) == "/sign-in/"
    page.get_by_role("link", name="Continue with company sign-in").click()
    expect(page.locator("input[name=login]")).to_be_visible()


def answer_of(page, login):
    """The provider's answer, caught before it reaches the console."""
    caught = []

    def keep(route):  # a browser's redirects cannot be held up, so each is gone here, step by step
        onward = route.fetch(max_redirects=0).headers.get("location", "")
        if "/auth/" in onward:
            onward = page.context.request.get(onward, max_redirects=0).headers["location"]
        if DONE in onward:
            caught.append(onward)
            return route.abort()
        return route.fulfill(status=303, headers={"location": urljoin(route.request.url, onward)})

    page.route("**/interaction/**", lambda route: keep(route) if route.request.method == "POST" else route.continue_())
    page.goto("/sign-in/")
    page.get_by_role("link", name="Continue with company sign-in").click()
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_timeout(500)
    page.unroute("**/interaction/**")
    return dict(parse_qs(urlsplit(caught[0]).query, keep_blank_values=True))


def go(page, told):
    page.goto(f"{DONE}?{urlencode({name: value[0] for name, value in told.items()})}")
    return page


def is_in(page):
    page.goto("/account/")
    return path_of(page) == "/account/"


def test_an_answer_in_another_browser_signs_nobody_in(someone):
    """Somebody sends his own answer to a victim, to have her work in his account; or steals hers."""
    told = answer_of(someone(), "grace")
    victim = go(someone(), told)
    expect(victim.get_by_role("alert")).to_contain_text("belongs to no sign-in of this browser")
    assert not is_in(victim)


def test_an_answer_counts_once(someone):
    page = someone()
    told = answer_of(page, "grace")
    go(page, told)
    assert is_in(page)
    page.context.clear_cookies()
    assert not is_in(go(page, told))


@pytest.mark.parametrize("forged", [{"state": "x" * 43}, {"code": "x" * 43}, {"iss": "https://evil.example"}])
def test_a_forged_state_code_or_issuer_signs_nobody_in(someone, forged):
    page = someone()
    told = {**answer_of(page, "grace"), **{name: [value] for name, value in forged.items()}}
    go(page, told)
    expect(page.get_by_role("alert")).to_be_visible()
    assert not is_in(page)
    assert not is_in(go(page, {**told, "iss": [told["iss"][0]]}))  # the state is used up, whatever came first


def test_a_code_of_another_sign_in_does_not_fit_this_ones_nonce(someone, company):
    """The nonce and the verifier belong to the state: a code that was stolen elsewhere is worth nothing here."""
    mine, theirs = someone(), someone()
    stolen = answer_of(theirs, "henry")
    told = {**answer_of(mine, "grace"), "code": stolen["code"]}
    go(mine, told)
    expect(mine.get_by_role("alert")).to_be_visible()
    assert not is_in(mine)


def test_what_the_provider_refuses_is_told_on_a_page(someone):
    page = someone()
    told = answer_of(page, "grace")
    go(
        page,
        {
            "state": told["state"],
            "iss": told["iss"],
            "error": ["access_denied"],
            "error_description": ["End-User aborted"],
        },
    )
    expect(page.get_by_role("alert")).to_contain_text("said no: End-User aborted")


def test_a_session_that_was_ended_elsewhere_asks_to_sign_in_again(someone):
    first, second = come_in(someone(), "henry"), come_in(someone(), "henry")
    first.goto("/account/")
    first.get_by_role("button", name="End all others").click()
    expect(first.get_by_role("status").first).to_contain_text("This browser alone is signed in")
    second.goto("/account/")
    assert path_of(second) == "/sign-in/"


def test_a_dangerous_deed_goes_by_the_company_and_comes_back(someone, company):
    page = come_in(someone(), "grace")
    page.goto("/account/")
    page.locator("#token-label").fill("CI")
    page.get_by_label("ledger:read").check()
    page.get_by_role("button", name="Make a token").click()
    expect(page.locator("#made")).to_be_visible()  # seen at the company a moment ago
    company.console.seed("unseen", "grace")
    page.goto("/account/link/")
    assert path_of(page) == "/step-up/"
    page.get_by_role("link", name="Confirm with company sign-in").click()
    log_in_there(page, "grace")
    assert "/account/link/" not in page.url
    expect(page.locator("input[name=login]")).to_be_visible()  # on to the company again, now to show the other account


def test_a_linked_second_account_is_the_same_person(someone, company):
    come_in(someone(), "grace-adm")
    page = come_in(someone(), "grace")
    page.goto("/account/")
    page.get_by_role("link", name="Link another account").click()
    log_in_there(page, "grace-adm")
    expect(page.get_by_role("status").first).to_contain_text("grace-adm is yours too")
    assert company.console.seed("link", "grace", "grace-adm") == "both proved"

    other = come_in(someone(), "grace-adm")
    other.goto("/account/")
    expect(other.locator(".menu__who")).to_contain_text("grace")
    expect(other.locator("#accounts tbody tr")).to_have_count(2)
    assert other.locator(".assure b").inner_text() == page.locator(".assure b").inner_text()
