"""The keys page in a real browser: the root handed to two key-admins, who co-sign a third person's enrolment."""

import os
import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.console.browsing import ROOT, Console, Seeded

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def seeded(tmp_path_factory):
    return Seeded(tmp_path_factory.mktemp("keys"), "empty")


@pytest.fixture
def console(seeded, tmp_path):
    started = Console(seeded, tmp_path)
    yield started
    started.stop()


def manage(console, *words):
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    done = subprocess.run(command, env=console.environment, capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout


def enrol(page, label="Laptop passkey"):
    page.goto("/keys/")
    page.fill("#label", label)
    page.click("#enrol-go")


def cosign(page):
    page.goto("/keys/")
    page.get_by_role("link", name="Read and co-sign").click()
    expect(page.locator("#words")).to_have_text(re.compile(r"^(\w+ ){5}\w+$"))
    page.click("#cosign-go")
    expect(page.locator("#cosign-form")).to_have_count(0)


def make_key_admins(console, *handles):
    for handle in handles:
        manage(console, "person", "grant", handle, "key-admin")
    console.seed("keep")


def shoot(page, name):
    """A picture for whoever asked for them."""
    folder = os.environ.get("SHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_two_key_admins_take_the_root_over_and_cosign_a_third_persons_key(open_as, console):
    ada, dan, cleo = open_as("ada"), open_as("dan"), open_as("cleo")
    expect(ada.locator("body")).to_be_visible()
    for page in (ada, dan):
        enrol(page)
        expect(page.locator("#mine")).to_contain_text("Laptop passkey")
    make_key_admins(console, "ada", "dan")

    ada.goto("/keys/")
    expect(ada.locator("#threshold")).to_contain_text("First use.")
    shoot(ada, "keys-first-use")
    ada.get_by_role("button", name="Hand the root to people").click()
    words = ada.locator("#recovery-words li").all_text_contents()
    assert len(words) == 24
    shoot(ada, "keys-recovery")
    ada.fill("#retyped", " ".join(reversed(words)))
    ada.click("#recovery-confirm")
    expect(ada.locator("#hand-over [data-said]")).to_contain_text("Not asked for")
    ada.fill("#retyped", " ".join(words))
    ada.click("#recovery-confirm")
    ada.wait_for_url("**/keys/drafts/*/")
    expect(ada.locator("#words")).to_have_text(re.compile(r"^(\w+ ){5}\w+$"))
    shoot(ada, "keys-draft")
    ada.click("#cosign-go")
    expect(ada.locator(".siglist .on")).to_contain_text("Ada Operator")
    expect(ada.locator(".lede")).to_contain_text("1 of 2 signed")

    cosign(dan)
    expect(dan.locator(".lede")).to_contain_text("Published as version")
    ada.goto("/keys/")
    expect(ada.locator(".assure")).to_contain_text("threshold 2 of 3")
    ada.fill("#readable-words", " ".join(words))
    ada.get_by_role("button", name="Prove it is readable").click()
    expect(ada.locator("#readable [data-said]")).to_contain_text("Readable")

    enrol(cleo, "Cleo's tablet")
    cleo.wait_for_url("**/keys/?asked=1*")
    expect(cleo.locator("#enrol")).to_contain_text("Asked for.")
    expect(cleo.locator("#mine")).to_contain_text("No key yet")
    shoot(cleo, "keys-asked")
    ada.goto("/keys/")
    expect(ada.locator("#cosign")).to_contain_text("Cleo's tablet of Cleo Approver")
    shoot(ada, "keys-cosign")
    cosign(ada)
    cosign(dan)
    cleo.goto("/keys/")
    expect(cleo.locator("#mine")).to_contain_text("Cleo's tablet")
    expect(cleo.locator("h1")).to_contain_text("You can sign up to")
    ada.goto("/keys/")
    expect(ada.locator("#registry")).to_contain_text("Ada Operator, Dan Manager")
    shoot(ada, "keys-registry")
    assert [page.complaints for page in (ada, dan, cleo)] == [[], [], []]


def test_a_second_key_needs_the_word_of_the_first(open_as, console):
    ben = open_as("ben")
    enrol(ben, "Laptop passkey")
    expect(ben.locator("#mine")).to_contain_text("Laptop passkey")

    stranger = open_as("ben")  # the same session's person on a device that holds none of his keys
    enrol(stranger, "Mallory's passkey")

    expect(stranger.locator("#enrol-said")).to_contain_text(re.compile("Not enrolled|Not enrolled yet"))
    expect(stranger.locator("#mine")).not_to_contain_text("Mallory's passkey")
    shoot(stranger, "keys-no-older-key")

    code = manage(console, "key", "invite", "--person", "ben").splitlines()[0]
    stranger.goto("/keys/")
    stranger.fill("#code", code)
    stranger.get_by_role("button", name="Use the code").click()
    expect(stranger.locator("#mine")).to_contain_text("Mallory's passkey")


def test_a_key_is_revoked_with_another_one_and_then_counts_for_nothing(open_as):
    ben = open_as("ben")
    enrol(ben)
    expect(ben.locator("#mine")).to_contain_text("Laptop passkey")

    ben.locator("#mine").get_by_role("button", name="Revoke").click()
    dialog = ben.get_by_role("dialog")
    shoot(ben, "keys-revoke")
    dialog.get_by_label("Lost or stolen since about").check()
    dialog.get_by_role("button", name="Revoke").click()

    expect(ben.locator("#mine .past")).to_contain_text("What it signed before stays valid")
    expect(ben.locator("h1")).to_contain_text("You cannot sign yet")


def test_a_key_admin_revokes_somebody_elses_key_with_one_signature(open_as, console):
    ada, ben = open_as("ada"), open_as("ben")
    for page in (ada, ben):
        enrol(page)
        expect(page.locator("#mine")).to_contain_text("Laptop passkey")
    make_key_admins(console, "ada")
    ada.goto("/keys/")

    ada.get_by_role("row", name=re.compile("Ben Approver")).get_by_role("button").click()
    dialog = ada.get_by_role("dialog")
    shoot(ada, "keys-change")
    dialog.get_by_role("button", name="Revoke Laptop passkey").click()

    expect(ada.get_by_role("row", name=re.compile("Ben Approver"))).to_contain_text("0, 1 revoked")
    ben.goto("/keys/")
    expect(ben.locator("h1")).to_contain_text("You cannot sign yet")


@pytest.mark.parametrize("size", [{"width": 1280, "height": 900}, {"width": 390, "height": 844}], ids=["wide", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_never_scrolls_sideways(open_as, console, size, theme):
    page = open_as("ada", size=size)
    page.emulate_media(color_scheme=theme)
    enrol(page)
    expect(page.locator("#mine")).to_contain_text("Laptop passkey")
    make_key_admins(console, "ada")
    page.goto("/keys/")

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shoot(page, f"keys-{size['width']}-{theme}")
    assert page.complaints == []


@pytest.mark.parametrize(
    ("algorithm", "name"), [(-7, "ES256"), (-8, "Ed25519"), (-48, "ML-DSA"), (-49, "ML-DSA")], ids=str
)
def test_a_passkey_of_each_algorithm_enrols_where_the_browser_has_it(open_as, algorithm, name):
    ben = open_as("ben")

    def only_this(route):
        answer = route.fetch()
        options = answer.json()
        options["pubKeyCredParams"] = [{"type": "public-key", "alg": algorithm}]
        route.fulfill(response=answer, json=options)

    ben.route("**/registration-options/", only_this)
    enrol(ben, f"passkey {algorithm}")

    expect(ben.locator("#mine")).to_contain_text(name)
