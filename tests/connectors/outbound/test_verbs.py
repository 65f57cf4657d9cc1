"""The verbs about webhooks: who may, what is refused, what is recorded, and what stays secret."""

import pytest

from audit.models import Entry
from audit.selectors import facts_of
from connectors.models import Webhook
from connectors.outbound.keeping import facts_of as standing
from connectors.secrets import unseal
from connectors.services.add_webhook import add_webhook
from connectors.services.pause_webhook import pause_webhook
from connectors.services.remove_webhook import remove_webhook
from connectors.services.resume_webhook import resume_webhook
from connectors.services.rotate_webhook import rotate_webhook
from connectors.services.try_webhook import try_webhook
from core import clock
from core.actors import INTAKE, SYSTEM, Actor, Role
from core.errors import BadInputError, NotFoundError, NotPermittedError, WrongStateError
from tests.connectors.outbound.conftest import verified

pytestmark = pytest.mark.django_db

VERBS = (pause_webhook, resume_webhook, rotate_webhook, remove_webhook, try_webhook)
ADMIN = Actor(id="person:a", roles=frozenset({"admin"}))


@pytest.fixture
def chat(told):
    return told.by().made


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMIN}))
def test_whoever_is_not_an_admin_may_nothing_of_it(chat, role):
    actor = Actor(id="person:m", roles=frozenset({role}), scoped=frozenset({("admin", "team:store")}))
    for verb in VERBS:
        with pytest.raises(NotPermittedError):
            verb("chat", actor=actor)
        with pytest.raises(NotPermittedError):
            verb("there-is-none", actor=actor)
    with pytest.raises(NotPermittedError):
        add_webhook("mine", chat.webhook.url, ["*"], actor=actor)


def test_our_own_workers_may_not_send_the_record_out_either(chat):
    with pytest.raises(NotPermittedError):
        add_webhook("mine", chat.webhook.url, ["*"], actor=INTAKE)


def test_each_verb_enters_the_ledger_and_no_secret_does(chat):
    new = rotate_webhook("chat", actor=ADMIN).secret
    pause_webhook("chat", actor=ADMIN)
    resume_webhook("chat", actor=ADMIN)
    try_webhook("chat", actor=ADMIN)
    remove_webhook("chat", actor=ADMIN)

    entries = list(Entry.objects.filter(subject="webhook:chat").order_by("pk"))
    assert [entry.verb.partition(".")[2] for entry in entries] == [
        "added", "rotated", "paused", "resumed", "tried", "removed",
    ]  # fmt: skip
    assert {entry.actor for entry in entries[1:]} == {"person:a"}
    assert facts_of(entries[0])["host"] == "127.0.0.1"
    told = b"".join(bytes(entry.body) + bytes(entry.facts) for entry in entries)
    for secret in (chat.secret, new, "/hook"):
        assert secret.encode() not in told


def test_the_secret_is_kept_sealed_and_shown_nowhere(chat):
    webhook = Webhook.objects.get()

    assert chat.secret.encode() not in bytes(webhook.secret)
    assert unseal(webhook.secret) == {"current": chat.secret}
    assert chat.secret not in str(standing(webhook, 0))


@pytest.mark.parametrize("name", ["", "Chat", "a b", "a\r\nb", "-a", "a-", "ä", "a" * 61, "../x", "a\x00", "chat\n"])
def test_names_that_are_none_are_refused(listed, name):
    with pytest.raises(BadInputError, match="Give the webhook a name"):
        add_webhook(name, "http://127.0.0.1:9/", ["*"], actor=SYSTEM)


def test_an_address_inside_is_refused_when_it_is_added(settings, db):
    settings.WEBHOOK_NETWORKS = []
    for url in ("https://127.0.0.1/", "https://localhost/", "https://169.254.169.254/latest/", "https://[::1]/"):
        with pytest.raises(BadInputError):
            add_webhook("chat", url, ["*"], actor=SYSTEM)
    assert not Webhook.objects.exists()
    assert not Entry.objects.filter(verb="webhook.added").exists()


def test_a_name_is_taken_once(chat):
    with pytest.raises(BadInputError, match="already"):
        add_webhook("chat", chat.webhook.url, ["*"], actor=SYSTEM)


def test_what_makes_no_sense_is_refused(chat):
    with pytest.raises(WrongStateError):
        resume_webhook("chat", actor=SYSTEM)
    pause_webhook("chat", actor=SYSTEM)
    with pytest.raises(WrongStateError):
        pause_webhook("chat", actor=SYSTEM)
    with pytest.raises(BadInputError):
        resume_webhook("chat", skip="some", actor=SYSTEM)
    for verb in VERBS:
        with pytest.raises(NotFoundError):
            verb("ch\x00at", actor=SYSTEM)


def test_a_test_is_signed_like_everything_and_changes_nothing(chat, told):
    pause_webhook("chat", actor=SYSTEM)
    answer = try_webhook("chat", actor=SYSTEM)

    assert answer.status == 204
    ((path, headers, body),) = told.seen
    assert path == "/hook"
    assert verified(chat.secret, headers, body, now=clock.timestamp())
    assert told.bodies[0]["type"] == "countersign.webhook.tried"
    assert told.now().next_seq == chat.webhook.next_seq
