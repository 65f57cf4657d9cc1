"""Fill the database of DATA_DIR with incidents in every state, to look at the pages: `python tests/console/seed.py`."""

import json
import os
import sys
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

import django

django.setup()

from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402

from approvals.services.activate_policy import activate_policy  # noqa: E402
from approvals.services.ensure_registry import ensure_registry  # noqa: E402
from approvals.services.follow_people import follow_people  # noqa: E402
from audit.models import Entry  # noqa: E402
from core import clock  # noqa: E402
from core.actors import MONITOR, SYSTEM  # noqa: E402
from people.models import BrowserSession, Person  # noqa: E402
from people.services.add_person import add_person  # noqa: E402
from people.services.link_people import link_people  # noqa: E402
from people.services.make_sign_in_link import make_sign_in_link  # noqa: E402
from tests.console import mirrored, world  # noqa: E402


def main() -> None:
    people = empty()
    world.catalogue()
    world.source()
    waiting(people)
    at_work()
    with_people(people)
    settled(people)
    world.place_records()


def empty():
    """A console before its first signal: people, a registry and a policy."""
    call_command("migrate", verbosity=0)
    people = world.cast()
    ensure_registry(actor=SYSTEM)
    activate_policy("lab", actor=SYSTEM)
    return people


def waiting(people) -> None:
    first = world.incident()
    found = world.remediation(first, "AWAITING_APPROVAL")
    world.diagnosed(found, first)
    mirrored.there(first, world.proposed(found, first))
    second = world.incident("checkout is slow and failing", severity="S1", service="checkout")
    found = world.remediation(second, "AWAITING_APPROVAL")
    world.diagnosed(found, second)
    request = world.asked(
        found, second, needed=3, tier="CRITICAL", score=15, intent="move payments to its old database in lab"
    )
    world.signed(request, people["cleo"])
    world.key_of(people["cleo"])
    world.key_of(people["ben"], key_class="ssh-file", label="Build host, SSH file")


def at_work() -> None:
    now = clock.now()
    for state, title, service in (
        ("EXECUTING", "inventory answers slowly", "inventory"),
        ("ANALYZING", "gateway returns 1.2 % errors", "gateway"),
        ("VALIDATING", "payments refused cards", "payments"),
    ):
        made = world.incident(title, severity="S3", service=service, opened_at=now - timedelta(minutes=2))
        found = world.remediation(made, state, doing="")
        if state != "ANALYZING":
            world.metric(found, f"error_rate-{service}", world.rising(0.001, 0.04), end=made.opened_at)
            world.asked(found, made, needed=0, state="GRANTED", route="notify", tier="MEDIUM", score=5)
        if state == "VALIDATING":
            world.ran(found, made, done=False, readings=[0.05, 0.04, 0.03, 0.008, 0.002, 0.001])


def with_people(people) -> None:
    made = world.incident(
        "checkout's heap grows until it dies",
        service="checkout",
        opened_at=clock.now() - timedelta(minutes=48),
        called_at=clock.now() - timedelta(minutes=40),
        called_because="Restarting checkout did not bring its heap below 150 MiB; the restart cannot be undone.",
    )
    found = world.remediation(made, "ROLLED_BACK", note="The restart did not help.")
    world.metric(found, "heap-checkout", world.rising(50e6, 170e6, at=0.1, wobble=0.02), end=made.opened_at)
    world.say(MONITOR, "person.called", made.subject, why=made.called_because)
    taken = world.incident("orders are counted twice", severity="S3", service="gateway", held_by=people["ada"].pk)
    world.remediation(taken, "FAILED", reason="taken-over", note="Ada Operator took it over.")
    world.incident(
        "nightly export late", severity="S4", service="", autonomy="observe", opened_at=clock.now() - timedelta(hours=2)
    )


def settled(people) -> None:
    now = clock.now()
    made = world.incident(
        "checkout leaked memory",
        severity="S3",
        service="checkout",
        opened_at=now - timedelta(minutes=20),
        state="RESOLVED",
        resolved_at=now - timedelta(minutes=9),
        resolved_by="agent:monitor",
    )
    found = world.remediation(made, "COMPLETED", note="Restarted checkout; the heap stayed below 120 MiB for 20 s.")
    world.diagnosed(found, made)
    world.asked(found, made, needed=1, state="GRANTED", version=2)
    world.signed(found_request(found), people["ben"])
    world.ran(found, made, done=True, readings=[0.05, 0.02, 0.002, 0.001, 0.001])


def found_request(of):
    return world.ApprovalRequest.objects.get(pk=of.request_id)


def another() -> None:
    """One more incident, while somebody looks at the page."""
    made = world.incident("gateway is slow", severity="S1", service="gateway")
    world.remediation(made, "ANALYZING")


def keep() -> None:
    """What the worker does for the registry: follow what happened to people."""
    world.place_records()
    follow_people()


def session(handle: str) -> None:
    """A signed-in browser's cookie, printed."""
    person = Person.objects.get(handle=handle)
    store = SessionStore()
    store["_auth_user_id"] = person.pk
    store["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
    store["_auth_user_hash"] = person.get_session_auth_hash()
    store.save()
    sys.stdout.write(f"{store.session_key}\n")


def unseen(handle: str) -> None:
    """As if nobody had sat at this person's browsers for an hour."""
    for row in BrowserSession.objects.filter(person__handle=handle):
        store = SessionStore(row.session_key)
        store["verified_at"] = clock.rfc3339(clock.now() - timedelta(hours=1))
        store.save()


def link(keep: str, other: str) -> None:
    """An admin finds two persons to be one; how that was known is printed."""
    admin = Person.objects.filter(handle="admin").first() or add_person("admin", "Admin", ["admin"], actor=SYSTEM)
    link_people(keep, other, actor=admin.as_actor())
    entry = Entry.objects.filter(verb="person.linked").latest("pk")
    sys.stdout.write(json.loads(bytes(entry.facts))["how"])


def sign_in_link(handle: str) -> None:
    """A one-time link's token, printed."""
    sys.stdout.write(make_sign_in_link(handle, actor=SYSTEM))


WITH_NAMES = {"link": link, "session": session, "unseen": unseen, "sign-in-link": sign_in_link}

if __name__ == "__main__":
    asked = "".join(sys.argv[1:2])
    if asked in WITH_NAMES:
        WITH_NAMES[asked](*sys.argv[2:])
    else:
        {"another": another, "empty": empty, "keep": keep}.get(asked, main)()
