"""Shift H on any page holds all agents, by one's own key; everybody sees it, and an approver lets them go."""

import pytest
from playwright.sync_api import expect

from tests.console.browsing import enrol

pytestmark = pytest.mark.browser


def test_agents_are_held_and_let_go_by_key(open_as):
    ada, ben = open_as("ada", "/keys/"), open_as("ben", "/keys/")
    enrol(ada)
    enrol(ben)
    ada.goto("/audit/")
    ada.keyboard.press("Shift+H")
    expect(ada.locator("#hold")).to_be_visible()
    expect(ada.locator("#hold button").first).to_be_focused()
    ada.get_by_role("button", name="Hold all agents").click()
    expect(ada.locator("#held")).to_contain_text("Ada Operator held them")

    ben.goto("/approvals/2/")
    expect(ben.locator("#held")).to_contain_text("All agents are held")
    ben.goto("/")
    ben.get_by_role("button", name="Let them go").click()
    ben.locator("#release [data-go]").click()
    expect(ben.locator("#held")).to_have_count(0)
    assert ada.complaints == []
    assert ben.complaints == []


def test_whoever_has_no_key_or_no_role_is_told(open_as):
    mallory = open_as("vera", "/audit/")
    mallory.keyboard.press("Shift+H")
    mallory.locator("#hold [data-go]").click()
    expect(mallory.locator("#hold")).to_contain_text("You have no passkey here.")
    enrol(mallory)
    mallory.goto("/audit/")
    mallory.keyboard.press("Shift+H")
    mallory.locator("#hold [data-go]").click()
    expect(mallory.locator("#hold")).to_contain_text("For this the key registry must list you as")
    expect(mallory.locator("#held")).to_have_count(0)


def test_the_letter_is_a_letter_within_a_field(open_as):
    page = open_as("ada")
    page.keyboard.press("/")
    page.keyboard.press("Shift+H")
    expect(page.locator("#f")).to_have_value("H")
    expect(page.locator("#hold")).to_be_hidden()
