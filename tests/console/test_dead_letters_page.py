"""Dead letters by reason: bytes as text, replayed one by one or all of a reason, by whoever may."""

import pytest

from audit.models import Entry
from connectors.models import Delivery, DeliveryState
from connectors.services.accept import accept
from connectors.services.add_source import add_source
from connectors.services.drain import drain
from core.actors import SYSTEM

pytestmark = pytest.mark.django_db
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def sender(db):
    """Deliver bodies to a source and have them read."""
    made = {}

    def send(*bodies, name="Lab"):
        source = made.get(name) or add_source("alertmanager", name, actor=SYSTEM).source
        made[name] = source
        for body in bodies:
            accept(source, body, headers={})
        drain(actor=SYSTEM)
        return source

    return send


def dead():
    return Delivery.objects.filter(state=DeliveryState.DEAD).count()


def test_no_dead_letter_is_said_to_be_none(as_):
    assert "Everything that was accepted could be read" in as_("vera").get("/dead-letters/").content.decode()


def test_they_stand_by_reason_with_their_bytes_as_text(as_, sender):
    sender(f'{{"alerts": 3, "x": "{EVIL}"}}'.encode(), b"[1]", b"[2, 3]")
    sender(b'\xff\xfe{"', name=f"Other {EVIL}")
    assert dead() == 4
    page = as_("vera").get("/dead-letters/").content.decode()

    assert "4 dead letters for" in page
    assert EVIL not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "Replay" not in page.split('id="dead-letters-live"')[1].split("</main>")[0]
    assert "Operators and admins have them read again." in page
    only = as_("vera").get("/dead-letters/?source=lab").content.decode()
    assert "3 dead letters for" in only
    assert "No dead letters" in as_("vera").get("/dead-letters/?source=%00nowhere").content.decode()


def test_an_operator_replays_all_of_a_reason_and_no_others(as_, sender):
    source = sender(b"[1]", b"[2, 3]", b'{"a": NaN}')
    whys = [delivery.error for delivery in Delivery.objects.order_by("pk")]
    assert whys[0] == whys[1] != whys[2]
    client = as_("ada")
    page = client.get("/dead-letters/").content.decode()
    why = page.split('name="why" value="')[2].split('"')[0]
    answer = client.post("/dead-letters/replay/", {"source": source.slug, "why": _plain(why)})

    assert answer.status_code == 302
    assert dead() == 1
    assert Delivery.objects.filter(replays=1).count() == 2
    assert b'"count":2' in bytes(Entry.objects.filter(verb="deliveries.replayed").latest("pk").facts)
    assert "Put 2 dead letters back to be read again." in client.get("/dead-letters/").content.decode()


def _plain(text):
    from html import unescape

    return unescape(text)


def test_whoever_may_not_replays_nothing_and_nonsense_neither(as_, sender):
    source = sender(b"[1]")
    why = Delivery.objects.get().error

    assert as_("vera").post("/dead-letters/replay/", {"source": source.slug, "why": why}).status_code == 403
    client = as_("ada")
    assert client.post("/dead-letters/replay/", {"source": source.slug}).status_code == 400
    assert client.post("/dead-letters/replay/", {"source": "\0", "why": why}).status_code == 404
    client.post("/dead-letters/replay/", {"source": source.slug, "why": EVIL})
    assert dead() == 1


def test_thousands_take_no_more_queries_and_only_their_first_bytes(as_, sender, django_assert_max_num_queries):
    source = sender(b"[" + b"1," * 50_000 + b"1]")
    first = Delivery.objects.get()
    Delivery.objects.bulk_create(
        Delivery(
            uid=f"u{number}",
            source=source,
            received_at=first.received_at,
            body=b"[1]",
            sha256="0" * 64,
            state=DeliveryState.DEAD,
            error=f"Field 'f{number}' of {number} is missing.",
        )
        for number in range(900)
    )
    client = as_("vera")
    with django_assert_max_num_queries(18):
        page = client.get("/dead-letters/").content.decode()

    assert "901 dead letters for 2 reasons" in page
    assert "Field … of # is missing." in page
    assert len(page) < 60_000
