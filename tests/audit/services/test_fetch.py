"""A page reads each kept document once, and believes none but by its digest."""

import pytest

from audit import ledger
from audit.errors import TamperedError

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def digest():
    return ledger.keep("text/plain", b"what was kept")


@pytest.fixture
def change(as_owner, digest):
    def run():
        as_owner(("UPDATE audit_document SET content = %s WHERE sha256 = %s", [b"something else", digest]))

    return run


def test_a_page_reads_each_document_once(digest, django_assert_num_queries):
    with ledger.remembering(), django_assert_num_queries(1):
        assert ledger.fetch(digest) == ledger.fetch(digest) == b"what was kept"


def test_what_is_remembered_is_what_was_kept_and_is_forgotten_with_the_page(digest, change):
    with ledger.remembering():
        ledger.fetch(digest)
        change()
        assert ledger.fetch(digest) == b"what was kept"
    with pytest.raises(TamperedError):
        ledger.fetch(digest)


def test_changed_bytes_are_never_remembered(digest, change):
    change()
    with ledger.remembering():
        for _ in range(2):
            with pytest.raises(TamperedError):
                ledger.fetch(digest)
