"""Many documents are kept in one go, each once."""

import pytest

from audit import ledger
from audit.models import Document

pytestmark = pytest.mark.django_db(transaction=True)


def test_digests_come_in_the_order_of_what_was_given():
    first, second, again = ledger.keep_all("text/plain", [b"one", b"two", b"one"])

    assert first == again != second
    assert ledger.fetch(first) == b"one"
    assert ledger.fetch(second) == b"two"
    assert Document.objects.count() == 2


def test_what_was_kept_before_stays_as_it_was():
    ledger.keep("text/html", b"one")
    ledger.keep_all("text/plain", [b"two", b"one"])

    assert set(Document.objects.values_list("media_type", flat=True)) == {"text/html", "text/plain"}


def test_nothing_given_is_nothing_kept():
    assert ledger.keep_all("text/plain", []) == []
    assert not Document.objects.exists()


def test_those_who_keep_the_same_in_different_orders_do_not_wait_for_each_other(in_threads):
    contents = [b"%d" % at for at in range(40)]
    orders = (contents, contents[::-1], contents[20:] + contents[:20])
    in_threads(*(lambda order=order: ledger.keep_all("text/plain", order) for order in orders))

    assert Document.objects.count() == 40
