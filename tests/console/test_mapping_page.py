"""The mapping page: the event at once, what is wrong beside its field, and nothing stored until it is put in force."""

import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.mapping.document import check
from connectors.models import Delivery, Source, SourceMapping
from connectors.services.add_source import add_source
from connectors.services.drain import drain
from connectors.services.map_source import map_source
from console import mapping_form
from console.selectors import mapping, payload
from core import clock
from core.actors import INTAKE, SYSTEM
from incidents.models import Alert
from people.services.add_person import add_person
from tests.connectors.sources.test_mapped import RULES

pytestmark = pytest.mark.django_db
EVIL = "<script>alert(1)</script>"
BODY = {"job": "eu", "state": "LATE", "msg": "no file", "ctx": {"svc": "export"}}
TYPED = {"title": "msg, job", "status": "state", "status_words": "LATE = firing\nDONE = resolved", "fingerprint": "job"}
LIVE = {"HX-Request": "true"}


@pytest.fixture
def batch(db):
    return add_source("mapped", "Batch", actor=SYSTEM).source


@pytest.fixture
def admin(client, db):
    person = add_person("oda", "Oda Admin", ["admin"], actor=SYSTEM)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/healthz")
    return client


def tried(client, value=None, **typed):
    body = json.dumps(BODY if value is None else value) if not isinstance(value, str) else value
    told = {**TYPED, "payload": body, **typed}
    return client.post("/sources/batch/mapping/preview/", told, headers=LIVE)


def delivered(source, value):
    body = json.dumps(value).encode()
    return Delivery.objects.create(
        uid=f"{Delivery.objects.count():032x}",
        source=source,
        received_at=clock.now(),
        body=body,
        sha256=hashlib.sha256(body).hexdigest(),
    )


def test_the_event_shows_at_once_and_nothing_is_stored(admin, batch):
    page = tried(admin).content.decode()

    for text in ("no file", "firing", "v1:", 'data-path="ctx.svc"', "msg, job"):
        assert text in page
    assert (SourceMapping.objects.count(), Alert.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("typed", "name", "why"),
    [
        ({"title": ""}, "title", "where the title stands"),
        ({"service": "a..b"}, "service", "is no path"),
        ({"status_words": "LATE = burning"}, "status_words", "none of firing"),
        ({"status_words": "LATE"}, "status_words", "none of firing"),
        ({"service": "ctx.svcs"}, "service", "Not in this payload. Nearest: ctx.svc"),
        ({"fingerprint": "= x"}, "fingerprint", "differs between alerts"),
        ({"status_absent": "maybe"}, "status", "one of firing"),
    ],
)
def test_what_is_wrong_stands_at_its_field(admin, batch, typed, name, why):
    answer = tried(admin, **typed)

    assert answer.status_code == 200
    assert why in answer.content.decode().split(f'id="why-{name}" hx-swap-oob="true">')[1].split("</small>")[0]


@pytest.mark.parametrize(
    "body", ["{", "[1e999]", '"x"', "[" * 200, '{"a": NaN}', "\ud800".encode("utf-8", "replace").decode()]
)
def test_what_is_pasted_and_is_no_json_is_said(admin, batch, body):
    answer = tried(admin, body)

    assert answer.status_code == 200
    assert "What you pasted cannot be read" in answer.content.decode()


def test_text_from_outside_stays_text(admin, batch):
    delivered(batch, {"job": EVIL, EVIL: EVIL})
    value = {"job": EVIL, "state": EVIL, "msg": EVIL, EVIL: EVIL}

    for page in (
        tried(admin, value, team=f"= {EVIL}", labels=f"{EVIL} = msg").content.decode(),
        admin.get("/sources/batch/mapping/").content.decode(),
        admin.post("/sources/batch/mapping/", {**TYPED, "title": EVIL, "payload": EVIL, "after": "0"}).content.decode(),
    ):
        assert EVIL not in page
        assert "&lt;script&gt;" in page


def test_what_would_turn_the_page_around_is_shown_as_an_escape(admin, batch):
    value = {"job": "a\u202eb", "state": "LATE", "msg": "m\u2066", "\u202elevel": "\x9b"}
    delivered(batch, value)

    for page in (tried(admin, value).content.decode(), admin.get("/sources/batch/mapping/").content.decode()):
        assert not {"\u202e", "\u2066", "\x9b"} & set(page)
        assert "u202elevel" in page


def test_it_is_put_in_force_shown_again_and_exported(admin, batch):
    answer = admin.post("/sources/batch/mapping/", {**TYPED, "labels": "svc = ctx.svc", "after": "0"}, follow=True)

    assert "Mapping 1 is in force" in answer.content.decode()
    assert 'value="msg, job"' in answer.content.decode()
    exported = json.loads(admin.get("/sources/batch/mapping/document/").content)
    assert exported == SourceMapping.objects.get().document
    assert check(exported)
    assert "job" in admin.get("/sources/batch/").content.decode().split("The same alert, if equal")[1][:80]


def test_what_is_refused_loses_nothing_that_was_typed(admin, batch):
    wrong = admin.post(
        "/sources/batch/mapping/", {**TYPED, "title": "a..b", "team": "= ours", "payload": "{}", "after": "0"}
    )
    assert wrong.status_code == 400
    for text in ('value="a..b"', 'value="= ours"', "Not put in force", "is no path"):
        assert text in wrong.content.decode()

    admin.post("/sources/batch/mapping/", {**TYPED, "after": "0"})
    late = admin.post("/sources/batch/mapping/", {**TYPED, "team": "= mine", "after": "0"})

    assert late.status_code == 409
    assert "put in force meanwhile" in late.content.decode()
    assert SourceMapping.objects.count() == 1


def test_past_deliveries_are_compared(admin, batch):
    delivered(batch, BODY), delivered(batch, {**BODY, "state": "ODD"}), delivered(batch, {"other": 1})

    page = tried(admin, compare="1").content.decode()
    assert "<b>1</b> newly understood" in page
    map_source("batch", mapping_form.to_document({**mapping_empty(), **TYPED}), after=0, actor=SYSTEM)
    assert "<b>3</b> alike" in tried(admin, compare="1").content.decode()
    page = tried(admin, compare="1", title="job").content.decode()
    assert "<b>2</b> read differently" in page
    assert "<b>1</b> no longer understood" in tried(admin, compare="1", status_words="").content.decode()
    assert "is no path" in tried(admin, compare="1", title="a..").content.decode()


def mapping_empty():
    return mapping_form.typed({})


def test_dead_letters_are_replayed_with_the_new_mapping(admin, batch):
    found = delivered(batch, BODY)
    drain(actor=INTAKE)
    assert "Replay the dead letters" in admin.get("/sources/batch/").content.decode()
    said = admin.post("/sources/batch/mapping/", {**TYPED, "after": "0"}, follow=True).content.decode()
    assert "1 dead letter can be read with it: replay on the source&#x27;s page." in said

    admin.post("/sources/batch/replay/")
    drain(actor=INTAKE)

    found.refresh_from_db()
    assert (found.state, Alert.objects.get().title) == ("DONE", "no file")
    answer = admin.post(f"/sources/batch/deliveries/{found.uid}/replay/", follow=True)
    assert "Put back to be read again" in answer.content.decode()


def test_who_may_not_may_draft_and_compare_alone(as_, cast, batch):
    client = as_("vera")

    assert "The <b>admin</b> role puts mappings in force" in client.get("/sources/batch/mapping/").content.decode()
    assert tried(client).status_code == 200
    assert client.post("/sources/batch/mapping/", TYPED).status_code == 403
    assert client.post("/sources/batch/replay/").status_code == 403
    assert SourceMapping.objects.count() == 0


def test_a_source_with_an_adapter_has_no_mapping(admin, batch):
    add_source("zabbix", "Shop", actor=SYSTEM)

    answer = admin.get("/sources/shop/mapping/")
    assert (answer.status_code, "its own adapter" in answer.content.decode()) == (404, True)
    assert admin.get("/sources/batch/mapping/document/").status_code == 404
    assert tried(admin, "x" * 200_001).status_code == 400


def test_without_scripts_the_preview_is_a_page(admin, batch):
    page = admin.post("/sources/batch/mapping/preview/", {**TYPED, "payload": json.dumps(BODY)}).content.decode()

    assert "<title>" in page
    assert "firing" in page


def test_a_mapping_survives_being_typed():
    assert mapping_form.to_document(mapping_form.to_typed(RULES)) == {
        **{name: [value] if isinstance(value, str) else value for name, value in RULES.items()},
        "severity": {**RULES["severity"]},
        "status": {**RULES["status"], "absent": "unclassified"},
        "links": {"source": ["url"]},
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(st.sampled_from([field.name for field in mapping_form.EVERY]), st.text(max_size=12)), JSON)
def test_nothing_typed_and_nothing_pasted_raises(batch_typed, value):
    told = mapping_form.typed({**TYPED, **batch_typed})

    found = mapping.attempt(Source(slug="batch"), json.dumps(value), told)
    assert found.events or found.why or found.trouble or found.warnings
    payload.lines(value, told)
