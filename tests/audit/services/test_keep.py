"""Bytes are kept once and come back as they were, or not at all."""

import pytest

from audit import ledger
from audit.errors import TamperedError
from audit.models import Document
from core.errors import NotFoundError
from proof import canonical

pytestmark = pytest.mark.django_db(transaction=True)


def test_bytes_come_back_by_their_digest():
    digest = ledger.keep("application/json", b'{"a":1}')

    assert digest == canonical.sha256(b'{"a":1}')
    assert ledger.fetch(digest) == b'{"a":1}'


def test_the_same_bytes_are_kept_once():
    assert ledger.keep("text/plain", b"x") == ledger.keep("text/html", b"x")
    assert Document.objects.get().media_type == "text/plain"


def test_two_who_keep_the_same_bytes_at_once_do_not_disturb_each_other(in_threads):
    digests = in_threads(*[lambda: ledger.keep("text/plain", b"same")] * 4)

    assert len(set(digests)) == Document.objects.count() == 1


def test_what_is_not_kept_is_not_found():
    with pytest.raises(NotFoundError):
        ledger.fetch("0" * 64)


def test_changed_bytes_are_never_handed_out(as_owner):
    digest = ledger.keep("text/plain", b"the change that was signed")
    as_owner(("UPDATE audit_document SET content = %s WHERE sha256 = %s", [b"another", digest]))

    with pytest.raises(TamperedError, match="was changed"):
        ledger.fetch(digest)
