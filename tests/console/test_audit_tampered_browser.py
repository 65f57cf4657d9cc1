"""Somebody with all rights in the database edits the record; whoever opens the audit page sees the break."""

import base64
import json
import re
import sqlite3

import pytest
from playwright.sync_api import expect

from proof import canonical, merkle

pytestmark = pytest.mark.browser
BROKEN = 5


class Attacker:
    """Superuser's SQL on the database of a console."""

    def __init__(self, console):
        self.path = console.environment["DATA_DIR"] + "/countersign.sqlite3"

    def run(self, *statements):
        with sqlite3.connect(self.path) as database:
            for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                database.execute(f'DROP TRIGGER "{name}"')
            for sql, *values in statements:
                assert database.execute(sql, values).rowcount, sql

    def entry(self, seq):
        sql = "SELECT e.id, e.body FROM audit_entry e JOIN audit_leaf l ON l.entry_id = e.id WHERE l.seq = ?"
        with sqlite3.connect(self.path) as database:
            return database.execute(sql, [seq]).fetchone()

    def rewrite(self, seq, *, leaf_too):
        """Change who did it, in the record's own bytes; with the leaf's hash put right, so that both agree."""
        pk, body = self.entry(seq)
        changed = canonical.dumps({**json.loads(body), "actor": "person:mallory"})
        self.run(("UPDATE audit_entry SET body = ?, actor = 'person:mallory' WHERE id = ?", changed, pk))
        if leaf_too:
            self.run(("UPDATE audit_leaf SET leaf_hash = ? WHERE seq = ?", merkle.leaf_hash(changed), seq))


@pytest.fixture
def attacker(console):
    return Attacker(console)


def walk(page):
    page.goto("/audit/")
    page.get_by_role("button", name="Verify all").click()
    page.click("#walk-go")
    expect(page.locator("#walk")).to_have_attribute("data-found", re.compile("good|bad|new"), timeout=20_000)
    return page.locator("#walk-out")


def test_an_intact_record_is_checked_from_its_bytes(open_as, console):
    page = open_as("dan", f"/audit/?record={BROKEN}")
    panel = page.locator("#record")
    expect(panel.locator("h2")).to_have_text(f"Record {BROKEN} is intact, by this computer's own key")
    for words in ("Content matches its hash", "Part of checkpoint", "Checkpoint signed", "First seen by this browser"):
        expect(panel).to_contain_text(words)
    expect(panel).to_contain_text("Ed25519: right")
    expect(panel.locator("svg[role=img] .nd-p").first).to_be_attached()
    page.click("#check-again")
    expect(panel).to_contain_text("the same as the last head this browser saw")
    assert page.complaints == []


def test_all_records_are_walked_and_remembered(open_as):
    page = open_as("dan", "/audit/")
    out = walk(page)
    expect(out).to_contain_text("are intact, by this computer's own key")
    expect(page.locator("#walk-known")).to_contain_text("This browser walked")
    page.click("#walk-new")
    page.click("#walk-go")
    expect(out).to_contain_text("are intact")
    page.fill("#walk-from", "3")
    page.fill("#walk-to", "7")
    page.click("#walk-go")
    expect(out).to_contain_text("Records 3 to")
    assert page.complaints == []


def test_a_changed_body_is_named_with_its_neighbours_and_both_hashes(open_as, attacker):
    stored = merkle.leaf_hash(attacker.entry(BROKEN)[1]).hex()
    attacker.rewrite(BROKEN, leaf_too=False)
    found = merkle.leaf_hash(attacker.entry(BROKEN)[1]).hex()
    page = open_as("dan", f"/audit/?record={BROKEN}")
    expect(page.locator("#record h2")).to_have_text(f"Record {BROKEN} is not what was signed")
    expect(page.locator("#record")).to_contain_text("Content does not match its hash")
    out = walk(page)
    expect(out).to_contain_text(f"Record {BROKEN} was changed")
    expect(out.locator(".both")).to_contain_text(stored)
    expect(out.locator(".both")).to_contain_text(found)
    for row, seq in enumerate((BROKEN - 1, BROKEN, BROKEN + 1)):
        expect(out.locator(".around tr").nth(row).locator(".seq")).to_have_text(str(seq))
        neighbour = merkle.leaf_hash(attacker.entry(seq)[1]).hex()
        if seq != BROKEN:
            expect(out.locator(".around tr").nth(row)).to_contain_text(neighbour)
    expect(out).to_contain_text("never repairs")
    assert not page.get_by_role("button", name="Repair").count()


def test_a_change_whose_hashes_were_put_right_does_not_fit_the_signed_head(open_as, attacker):
    attacker.rewrite(BROKEN, leaf_too=True)
    page = open_as("dan", f"/audit/?record={BROKEN}")
    expect(page.locator("#record h2")).to_have_text(f"Record {BROKEN} is not what was signed")
    expect(page.locator("#record")).to_contain_text("Not in the tree of checkpoint")
    out = walk(page)
    expect(out).to_contain_text("are not those that were signed")
    expect(out.locator(".both")).to_contain_text("root ")


def test_a_record_that_was_taken_away_is_missed(open_as, attacker):
    attacker.run(("DELETE FROM audit_leaf WHERE seq = ?", BROKEN))
    out = walk(open_as("dan", "/audit/"))
    expect(out).to_contain_text(f"Record {BROKEN} is missing")


def test_columns_and_facts_that_say_something_else_than_the_bytes_are_told(open_as, attacker):
    pk, _ = attacker.entry(BROKEN)
    attacker.run(("UPDATE audit_entry SET actor = 'agent:somebody-else' WHERE id = ?", pk))
    page = open_as("dan", f"/audit/?record={BROKEN}")
    expect(page.locator("#record")).to_contain_text("The list shows something else than the record")
    expect(page.locator("#record .both")).to_contain_text("actor agent:somebody-else")
    attacker.run(("UPDATE audit_entry SET facts = ? WHERE id = ?", b'{"title":"nothing happened"}', pk))
    page.click("#check-again")
    expect(page.locator("#record")).to_contain_text("Its facts were changed")


def test_a_record_that_went_back_is_told_by_the_browser_that_remembers(open_as, console, attacker):
    page = open_as("dan", "/audit/")
    expect(page.locator("#head-said")).to_contain_text("checked by this browser")
    attacker.run(
        ("DELETE FROM audit_checkpoint WHERE size > 6",),
        ("DELETE FROM audit_leaf WHERE seq >= 6",),
    )
    shorter = signed_again(console, 6)
    attacker.run(("INSERT OR REPLACE INTO audit_checkpoint VALUES (6, ?, ?, '2026-01-01 00:00:00')", *shorter))
    page.goto("/audit/?record=3")
    expect(page.locator("#record")).to_contain_text("The record went back")
    expect(page.locator("#record .both")).to_contain_text("remembered since")
    page.goto("/audit/")
    expect(page.locator("#head-said")).to_contain_text("The record went back")


def signed_again(console, size):
    """What only somebody with the log's own key can do: a shorter head, rightly signed."""
    code = f"""
from audit import keystore, selectors
from proof import checkpoint, merkle
root = merkle.root(selectors.leaf_hashes(0, {size}))
head = checkpoint.Checkpoint(origin=keystore.origin(), size={size}, root=root)
print(__import__("json").dumps([root.hex(), checkpoint.sign(head, keystore.private("log"), keystore.seed("log-pq"))]))
"""
    return json.loads(console.python(code))


def test_another_log_at_this_address_is_told_and_can_be_forgotten(open_as):
    page = open_as("dan", "/audit/")
    expect(page.locator("#head-said")).to_contain_text("checked by this browser")
    page.evaluate("""() => {
        const kept = JSON.parse(localStorage.getItem("countersign.log"));
        localStorage.setItem("countersign.log", JSON.stringify({ ...kept, origin: "countersign/" + "0".repeat(32) }));
    }""")
    page.goto("/audit/?record=3")
    expect(page.locator("#record")).to_contain_text("another log than this browser remembers")
    page.get_by_role("button", name="Forget what this browser remembers").click()
    expect(page.locator("#record h2")).to_contain_text("is intact")


def test_a_server_that_lies_about_a_head_is_caught(open_as):
    page = open_as("dan", "/audit/")

    def forged(route):
        answer = route.fetch()
        body = answer.json()
        lines = body["note"].split("\n")
        lines[2] = base64.b64encode(bytes(32)).decode()
        route.fulfill(response=answer, body=json.dumps({**body, "note": "\n".join(lines)}))

    page.route("**/audit/head/", forged)
    page.goto("/audit/?record=3")
    expect(page.locator("#record")).to_contain_text("The checkpoint is not signed as it must be")
    expect(page.locator("#record")).to_contain_text("Ed25519: wrong")


def test_a_walk_can_be_cancelled(open_as):
    page = open_as("dan", "/audit/")
    page.route("**/audit/records/?from=*", lambda route: None)
    page.get_by_role("button", name="Verify all").click()
    page.click("#walk-go")
    expect(page.locator("#walk-bar")).to_be_visible()
    page.click("#walk-cancel")
    expect(page.locator("#walk-out")).to_contain_text("Cancelled")


def test_a_decision_is_checked_by_the_key_of_the_registry(open_as, console):
    page = open_as("ben")
    enrol_and_sign(page)
    console.python("from audit.services.sequence import sequence_all; sequence_all()")
    page.goto("/audit/?kind=decision")
    page.locator(".rec .ev a").first.click()
    expect(page.locator("#record")).to_contain_text("The signature is right")
    expect(page.locator("#record")).to_contain_text("Ben Approver (approve, passkey)")
    assert page.complaints == []


def enrol_and_sign(page):
    page.goto("/keys/")
    page.fill("#label", "Laptop passkey")
    page.click("#enrol-go")
    expect(page.locator("#mine")).to_contain_text("Laptop passkey")
    page.goto("/approvals/1/")
    expect(page.locator("#words span")).to_have_count(6)
    for _ in range(15):
        if page.locator("#approve").is_visible():
            break
        page.click("#read-on")
        page.wait_for_timeout(250)
    page.click("#approve")
    expect(page.locator(".banner-ink")).to_contain_text("You signed.")


ERASE = """
import json
from approvals.services.issue_act_template import issue_act_template
from approvals.services.record_act import record_act
from audit.models import Entry
from audit.services.sequence import sequence_all
from people.models import Person
from people.services.list_for_erasure import list_for_erasure
from proof.documents import ACT_PAYLOAD
from tests.approvals.cast import member
from tests.approvals.keyholders import make_key_admins
admins = [member("ben"), member("cleo")]
make_key_admins(*admins)
person, listed = Person.objects.get(handle="mallory"), list_for_erasure("mallory")
for one in admins:
    about = {"commitments": listed.digest}
    row = issue_act_template("erase", f"person:{person.pk}", about, one.key.key_id, session="x", actor=one.actor)
    record_act(one.sign(bytes(row.statement), ACT_PAYLOAD), session="x", actor=one.actor)
sequence_all()
print(json.dumps(list(Entry.objects.filter(erasure__isnull=False).values_list("leaf__seq", flat=True))))
"""


def test_facts_that_two_people_ordered_away_are_told_from_facts_that_are_missing(open_as, console, attacker):
    erased = json.loads(console.python(ERASE).splitlines()[-1])
    page = open_as("dan", f"/audit/?record={erased[0]}")
    expect(page.locator("#record")).to_contain_text("Its facts were erased by order")
    expect(page.locator("#record")).to_contain_text("signed by 2 people")
    expect(page.locator("#record h2")).to_contain_text("is intact")

    gone, _ = attacker.entry(BROKEN)
    order = "SELECT order_id FROM audit_erasure LIMIT 1"
    attacker.run(
        ("UPDATE audit_entry SET facts = x'', facts_salt = x'' WHERE id = ?", gone),
        (f"INSERT INTO audit_erasure (entry_id, order_id) VALUES (?, ({order}))", gone),
    )
    page.goto(f"/audit/?record={BROKEN}")
    expect(page.locator("#record")).to_contain_text("Its facts are missing")
    expect(page.locator("#record")).to_contain_text("does not name this record's commitment")
