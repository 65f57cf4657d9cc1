"""The API: what the pages and the command line use, and who may."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client

from approvals import registry
from approvals.models import ApprovalRequest
from approvals.services.propose import propose
from core.actors import PLANNER, SYSTEM
from people.models import Person
from people.services.add_token import add_token
from proof import canonical
from proof.canonical import loads
from proof.documents import ACT_PAYLOAD
from proof.render import render
from proof.words import six_words
from tests.approvals.authenticator import Authenticator
from tests.approvals.cast import public_line
from tests.approvals.decisions import state_of
from tests.approvals.plans import rollback

pytestmark = pytest.mark.django_db


def signed_in(person: Person) -> Client:
    client = Client(headers={"Accept": "application/json"})
    client.force_login(person)
    return client


def with_token(handle: str, *scopes: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {add_token(handle, scopes, actor=SYSTEM)}"})


@pytest.fixture
def request_(cast) -> ApprovalRequest:
    return propose(rollback(), actor=PLANNER)


def template_for(client: Client, request: ApprovalRequest, member, decision: str = "approve"):
    body = {"decision": decision, "key_id": member.key.key_id}
    return client.post(f"/api/v1/approval-requests/{request.pk}/statements/", body, content_type="application/json")


def test_the_change_is_served_byte_by_byte(cast, request_):
    reply = signed_in(cast.ada.person).get(f"/api/v1/changes/{request_.change_id}/")

    assert canonical.sha256(reply.content) == request_.change_id


def test_a_request_tells_words_text_state_and_who_signed(cast, request_):
    found = signed_in(cast.dan.person).get(f"/api/v1/approval-requests/{request_.pk}/").json()

    change = signed_in(cast.dan.person).get(f"/api/v1/changes/{request_.change_id}/").content
    assert found["words"] == six_words(request_.change_id)
    assert found["text"] == render(change)
    assert (found["state"], found["needed"], found["have"], found["decisions"]) == ("PENDING", 1, 0, [])
    assert found["risk"] == {"tier": "HIGH", "score": 9}


def test_requests_are_listed_by_state(cast, request_):
    client = signed_in(cast.ben.person)

    assert [one["id"] for one in client.get("/api/v1/approval-requests/?state=PENDING").json()["results"]] == [
        request_.pk
    ]
    assert client.get("/api/v1/approval-requests/?state=GRANTED").json()["results"] == []
    assert client.get("/api/v1/approval-requests/?state=MAYBE").status_code == 400


@pytest.mark.parametrize("form", ["object", "text"])
def test_a_decision_goes_in_and_settles_the_request(cast, request_, form):
    client = signed_in(cast.ben.person)
    template = template_for(client, request_, cast.ben).json()
    sidecar = cast.ben.sign(template["statement"].encode())

    reply = client.post(
        f"/api/v1/approval-requests/{request_.pk}/decisions/",
        {"sidecar": loads(sidecar) if form == "object" else sidecar.decode()},
        content_type="application/json",
    )

    assert (reply.status_code, reply.json()["request"]["state"]) == (201, "GRANTED")
    told = client.get(f"/api/v1/approval-requests/{request_.pk}/decisions/").json()["results"]
    assert [(one["person"], one["decision"]) for one in told] == [("Ben", "approve")]


def test_a_refusal_is_a_problem_with_a_sentence(cast, request_):
    reply = template_for(signed_in(cast.cleo.person), request_, cast.ben)

    assert reply.status_code == 422
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert "does not list this key as yours" in reply.json()["detail"]


@pytest.mark.parametrize("who", ["ada", "dan", "mallory"])
def test_without_the_role_nobody_gets_a_statement(cast, request_, who):
    member = getattr(cast, who)

    assert template_for(signed_in(member.person), request_, member).status_code == 403


def test_nobody_who_is_not_signed_in_reads_anything(cast, request_):
    for path in ("approval-requests/", f"approval-requests/{request_.pk}/", f"changes/{request_.change_id}/", "keys/"):
        assert Client().get(f"/api/v1/{path}").status_code in {401, 403}


def test_a_token_does_what_its_scopes_say(cast, request_):
    reading = with_token("ben", "approvals:read")
    other = with_token("ben", "incidents:read")
    signing = with_token("ben", "approvals:read", "approvals:sign")

    assert reading.get(f"/api/v1/approval-requests/{request_.pk}/").status_code == 200
    assert other.get(f"/api/v1/approval-requests/{request_.pk}/").status_code == 403
    assert template_for(reading, request_, cast.ben).status_code == 403
    assert template_for(signing, request_, cast.ben).status_code == 201


def test_a_session_cannot_decide_without_the_csrf_token(cast, request_):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.ben.person)

    assert template_for(client, request_, cast.ben).status_code == 403
    assert state_of(request_) == "PENDING"


def post(client, path, body):
    return client.post(f"/api/v1/{path}", body, content_type="application/json")


def sign_act(client, signer, kind, subject, particulars, key_id):
    wanted = {"kind": kind, "subject": subject, "particulars": particulars, "key_id": key_id}
    template = post(client, "acts/templates/", wanted).json()
    statement = template["statement"].encode()
    is_device = isinstance(signer, Authenticator)
    signed = signer.sign(statement, key_id, ACT_PAYLOAD) if is_device else signer.sign(statement, ACT_PAYLOAD)
    return post(client, "acts/", {"sidecar": signed.decode()})


def test_a_passkey_is_enrolled_and_revoked_over_the_api(cast):
    client, device = signed_in(cast.ben.person), Authenticator()
    options = client.post("/api/v1/keys/registration-options/").json()
    made = post(client, "keys/", {"credential": device.create(options), "label": "laptop"})
    new = made.json()
    assert (made.status_code, new["owes"]) == (201, ["proof", "own-key"])

    proof = sign_act(client, device, "prove-possession", new["subject"], new["particulars"], new["key_id"])
    word = sign_act(client, cast.ben, "prove-possession", new["subject"], new["particulars"], cast.ben.key.key_id)

    assert (proof.status_code, proof.json()["result"]["owes"]) == (201, ["own-key"])
    assert word.json()["result"]["state"] == "LISTED"
    assert [key["class"] for key in client.get("/api/v1/keys/").json()["results"]] == ["webauthn", "ssh-file"]
    reason = {"compromised_since": "", "reason": "lost"}
    gone = sign_act(client, device, "revoke-key", new["subject"], reason, new["key_id"])
    assert gone.json()["kind"] == "revoke-key"
    assert client.get("/api/v1/keys/").json()["results"][0]["revoked_at"] is not None
    assert client.get("/api/v1/acts/?kind=revoke-key").json()["results"][0]["particulars"]["reason"] == "lost"


def test_a_challenge_of_one_session_is_worth_nothing_in_another(cast):
    options = signed_in(cast.ben.person).post("/api/v1/keys/registration-options/").json()

    made = signed_in(cast.ben.person).post(
        "/api/v1/keys/",
        {"credential": Authenticator().create(options), "label": "laptop"},
        content_type="application/json",
    )

    assert made.status_code == 422


def test_an_ssh_key_is_offered_over_the_api(cast):
    client = signed_in(cast.ben.person)

    made = post(client, "keys/", {"public": public_line(Ed25519PrivateKey.generate()), "label": "laptop"})
    bare = post(client, "keys/", {"label": "laptop"})

    assert (made.status_code, made.json()["particulars"]["class"]) == (201, "ssh-file")
    assert bare.status_code == 400


def test_the_policy_in_force_is_told(cast):
    found = signed_in(cast.dan.person).get("/api/v1/policies/").json()

    assert found["results"][0]["in_force"] is True
    assert canonical.sha256(found["in_force"].encode()) == found["results"][0]["sha256"]


@pytest.mark.parametrize(
    "body", [{}, {"decision": "maybe", "key_id": "ab" * 32}, {"decision": "approve", "key_id": "x"}, [], "x"]
)
def test_bad_bodies_are_problems_not_crashes(cast, request_, body):
    client = signed_in(cast.ben.person)
    path = f"/api/v1/approval-requests/{request_.pk}"

    assert client.post(f"{path}/statements/", body, content_type="application/json").status_code == 400
    reply = client.post(f"{path}/decisions/", {"sidecar": body}, content_type="application/json")
    assert 400 <= reply.status_code < 500


def test_the_page_of_a_request_tells_ladder_people_budget_and_versions(cast, request_):
    found = signed_in(cast.ben.person).get(f"/api/v1/approval-requests/{request_.pk}/").json()

    assert [one["kind"] for one in found["ladder"]] == ["opened", "reminder", "backup", "manager", "expiry"]
    assert {one["name"] for one in found["asked"]} == {"Ben", "Cleo", "Eve", "Oda"}
    assert {one["name"] for one in found["may_not"]} >= {"Ada", "Dan", "Mallory"}
    assert found["budget"]["limit"] == 20
    assert [one["version"] for one in found["revisions"]] == [1]


def test_questions_are_asked_and_answered_over_the_api_once_a_key(cast, request_):
    ben, ada = signed_in(cast.ben.person), signed_in(cast.ada.person)
    url = f"/api/v1/approval-requests/{request_.pk}/questions/"
    sent = [
        ben.post(url, {"text": "What undoes it?"}, content_type="application/json", headers={"Idempotency-Key": "k1"})
        for _ in range(2)
    ]

    assert [reply.status_code for reply in sent] == [201, 201]
    assert sent[0].json() == sent[1].json()
    number = sent[0].json()["id"]
    answer = ada.post(f"{url}{number}/answer/", {"text": "A revert."}, content_type="application/json")
    assert (answer.status_code, answer.json()["is_open"]) == (201, False)
    again = ada.post(f"{url}{number}/answer/", {"text": "Another."}, content_type="application/json")
    assert (again.status_code, again.json()["type"]) == (409, "urn:countersign:problem:wrong-state")
    assert len(ben.get(url).json()["results"]) == 1
    other = ben.post(url, {"text": "Else?"}, content_type="application/json", headers={"Idempotency-Key": "k1"})
    assert other.status_code == 422


def test_a_request_is_withdrawn_over_the_api_with_a_reason(cast, request_):
    url = f"/api/v1/approval-requests/{request_.pk}/withdrawal/"

    assert signed_in(cast.ada.person).post(url, {}, content_type="application/json").status_code == 400
    assert signed_in(cast.cleo.person).post(url, {"why": "x"}, content_type="application/json").status_code == 403
    done = signed_in(cast.ada.person).post(url, {"why": "It recovered."}, content_type="application/json")
    assert (done.status_code, done.json()["state"]) == (201, "WITHDRAWN")


def test_differences_between_two_versions_are_served(cast, request_):
    second = propose(rollback(revises=request_.change_id, intent="revert it by night"), actor=PLANNER)
    url = f"/api/v1/changes/{second.change_id}/differences/"
    client = signed_in(cast.ben.person)

    found = client.get(f"{url}?since={request_.change_id}").json()["results"]

    assert [one["path"] for one in found] == ["intent"]
    assert client.get(url).status_code == 404
    assert signed_in(cast.mallory.person).get(f"{url}?since={request_.change_id}").status_code == 403
    assert client.get("/api/v1/approval-budget/").json()["used"] == 0


def test_in_first_use_a_session_alone_changes_nobodys_groups(cast):
    client = signed_in(cast.oda.person)

    asked = post(client, "registry/drafts/", {"change": "groups", "person": "mallory", "groups": ["sre"]})

    assert asked.status_code == 422
    assert registry.current().person(cast.mallory.person.pk).groups == frozenset()


def test_a_statement_comes_back_from_the_session_that_it_went_to(cast, request_):
    here, elsewhere = signed_in(cast.ben.person), signed_in(cast.ben.person)
    sidecar = cast.ben.sign(template_for(here, request_, cast.ben).json()["statement"].encode()).decode()
    url, body = f"/api/v1/approval-requests/{request_.pk}/decisions/", {"sidecar": sidecar}

    stolen = elsewhere.post(url, body, content_type="application/json")
    assert (stolen.status_code, "another session" in stolen.json()["detail"]) == (422, True)
    by_token = with_token("ben", "approvals:read", "approvals:sign").post(url, body, content_type="application/json")
    assert by_token.status_code == 422
    assert state_of(request_) == "PENDING"
    assert here.post(url, body, content_type="application/json").status_code == 201
    assert elsewhere.post(url, body, content_type="application/json").status_code == 201
