"""The inbox: what waits for me, what others sign and why not I, what was decided; each row says what will happen."""

from datetime import timedelta

import pytest

from approvals.models import ApprovalRequest
from console.selectors import inbox
from core import clock
from core.actors import SYSTEM, Role
from people.services.add_person import add_person
from tests.console import world

pytestmark = pytest.mark.django_db


def page_of(client, **fields):
    response = client.get("/approvals/", fields)
    assert response.status_code == 200
    return response.content.decode()


def test_a_row_says_what_will_happen_how_risky_it_is_who_asked_and_how_long_is_left(as_, keyed):
    page = page_of(as_("ben"))
    assert "1 waits for you" in page
    assert "Revert commit <b>8c1f2ae</b> in <b>lab</b> to take back the change to <b>payments</b>" in page
    for words in (
        "HIGH",
        "revision 1",
        "0 of 1",
        "planner",
        "runbook rollback-config@1",
        " left</b>",
        "then it expires",
    ):
        assert words in page, words
    assert f'href="/approvals/{keyed[1].pk}/"' in page
    assert '<i class="you">' in page


@pytest.mark.parametrize(
    ("handle", "why"),
    [
        ("ada", "You are not an approver, nor in a group that this needs."),
        ("dan", "You are not an approver, nor in a group that this needs."),
        ("vera", "You are not an approver, nor in a group that this needs."),
    ],
)
def test_who_may_not_sign_reads_why_in_the_row(as_, keyed, handle, why):
    page = page_of(as_(handle))
    assert why in page
    assert "Nothing waits for you" in page
    assert "1 for your team" in page
    assert "Ben Approver, Cleo Approver" in page
    assert "data-mine" not in page


def test_an_approver_without_a_key_reads_that(as_, keyed):
    add_person("eve", "Eve Approver", [Role.APPROVER], actor=SYSTEM)
    from django.test import Client

    from people.models import Person

    client = Client()
    client.force_login(Person.objects.get(handle="eve"), backend="django.contrib.auth.backends.ModelBackend")
    page = page_of(client)
    assert "You have no key left that is enrolled." in page or "not in the signed registry" in page


def test_nobody_sees_what_they_may_not_read(as_, keyed):
    assert as_("mallory").get("/approvals/").status_code == 403


def test_the_count_in_the_navigation_is_of_what_waits_for_me(as_, keyed):
    def counted(handle):
        page = as_(handle).get("/keys/").content.decode()
        return page.split('data-counts="approvals"')[1].split("</span>")[0]

    assert counted("ben") == ">1"
    assert counted("ada") == " hidden>0"


def test_what_i_signed_no_longer_waits_for_me(as_, keyed, cast):
    world.signed(keyed[1], cast["ben"])
    page = page_of(as_("ben"))
    assert "Nothing waits for you" in page
    assert "You have decided." in page


def test_decided_requests_say_how_they_ended_and_who_signed(as_, lab, cast):
    states = {"GRANTED": "Granted", "REJECTED": "Rejected", "EXPIRED": "Expired", "VOIDED": "Voided"}
    for state in states:
        made = world.incident(f"{state} one")
        request = world.asked(world.remediation(made, "AWAITING_APPROVAL"), made, state=state)
        if state == "REJECTED":
            world.signed(request, cast["ben"], verdict="reject", comment="offset is not proven good")
    page = page_of(as_("ada"))
    for word in states.values():
        assert f"{word}</span>" in page
    assert "“offset is not proven good”" in page
    assert "Decided today" in page
    assert "nobody signed" in page


def test_how_many_were_ever_decided_is_counted_up_to_a_number_alone(as_, lab, cast, monkeypatch):
    for number in range(3):
        made = world.incident(f"Number {number}")
        world.asked(world.remediation(made, "AWAITING_APPROVAL"), made, state="GRANTED")
    client = as_("ada")
    assert 'Decided <span class="faint">3</span>' in page_of(client)

    monkeypatch.setattr(inbox, "DECIDED_COUNTED", 2)
    assert 'Decided <span class="faint">2+</span>' in page_of(client)


def test_what_ran_is_told_by_how_it_ended(as_, lab, cast):
    made = world.incident()
    found = world.remediation(made, "ROLLED_BACK")
    world.asked(found, made, state="GRANTED")
    assert "Rolled back</span>" in page_of(as_("ada"))


def test_views_and_words_narrow(as_, keyed):
    client = as_("ben")
    words = page_of(client).split('class="words">')[1].split("<")[0]
    for text in ("payments", f"INC-{keyed[0].pk}", "planner", words, words.split()[2]):
        assert f"row-{keyed[1].pk}" in page_of(client, text=text), text
    assert "No request matches “nothing of it”" in page_of(client, text="nothing of it")
    assert f"row-{keyed[1].pk}" not in page_of(client, view="decided")
    assert f"row-{keyed[1].pk}" in page_of(client, view="for-me")
    assert f"row-{keyed[1].pk}" in page_of(client, view="no-such-view")


def test_little_time_left_turns_the_line_and_the_tabs_title(as_, keyed):
    ApprovalRequest.objects.filter(pk=keyed[1].pk).update(expires_at=clock.now() + timedelta(minutes=4, seconds=30))
    page = page_of(as_("ben"))
    assert 'class="due soon"' in page
    assert "<title>4 m left: 1 waits for you" in page


def test_when_nothing_waits_the_last_decision_is_told(as_, lab, cast):
    made = world.incident()
    request = world.asked(world.remediation(made, "AWAITING_APPROVAL"), made, state="GRANTED")
    world.signed(request, cast["ben"])
    page = page_of(as_("cleo"), view="for-me")
    assert "Nothing waits for you" in page
    assert "by Ben Approver" in page


def test_a_policy_that_is_not_signed_makes_nothing_signable(as_, keyed):
    from approvals.models import PolicyVersion

    PolicyVersion.objects.update(signature_sha256="0" * 64)
    page = page_of(as_("ben"))
    assert 'data-counts="approvals" hidden>0' in page


@pytest.mark.parametrize("more", [0, 12])
def test_the_page_asks_a_bounded_number_of_times(as_, keyed, more, django_assert_max_num_queries):
    for _ in range(more):
        made = world.incident()
        world.asked(world.remediation(made, "AWAITING_APPROVAL"), made, state="EXPIRED")
    client = as_("ben")
    with django_assert_max_num_queries(70):
        page_of(client)
