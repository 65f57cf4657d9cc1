"""A browser that stands still ends a test, not the run."""

import pytest
from playwright.sync_api import Error

from tests.console.browsing import chromium

pytestmark = pytest.mark.browser


def test_what_waits_without_end_raises_once_its_time_is_over():
    with pytest.raises(Error), chromium(most_s=2.0) as browser:
        browser.new_page().evaluate("new Promise(() => {})")


def test_what_ends_in_time_is_left_alone():
    with chromium(most_s=30.0) as browser:
        assert browser.new_page().evaluate("1 + 1") == 2
