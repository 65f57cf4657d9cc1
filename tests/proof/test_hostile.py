"""Documents made to trip the readers: whatever is wrong, it is said, never thrown."""

import copy
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proof import canonical, documents
from proof.bundle import verify
from proof.checkpoint import Checkpoint, sign
from proof.documents import DocumentError
from proof.envelope import SignatureError
from proof.multisig import sign_with_ed25519
from proof.quorum import State, evaluate, evaluate_standing
from proof.registry import RegistryError, parse_registry
from proof.signatures import read_sidecar, verify_sidecar
from tests.proof.acts import authored, delegate, revoke_key
from tests.proof.cast import LOG, NOW, PASSKEY, ROOT, SSH, pem
from tests.proof.exports import ORIGIN, contents, packed, story
from tests.proof.factory import act, change, decide, policy_document, recorded, registry, registry_document, statement
from tests.proof.test_standing import RULES, SIGNED, STANDING

ODD = st.sampled_from(
    [None, True, 0, -1, 2**53 - 1, "", "x", "é", "\n", "ssh-ed25519 AAAA", "é AAAAAsOp", "A" * 300, [], {}, [[]], [{}],
     {"a": 1}, "9999-12-31T23:59:59.999999Z", "2099-02-30T00:00:00.000000Z", "=", "00" * 32]
)  # fmt: skip


def places(value, path=()):
    """Every place in a document, as a path."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in items:
        yield (*path, key)
        yield from places(member, (*path, key))


def mutated(data, draw):
    value = copy.deepcopy(canonical.loads(data, max_bytes=4_000_000))
    *path, last = draw(st.sampled_from(list(places(value))))
    spot = value
    for key in path:
        spot = spot[key]
    spot[last] = draw(ODD)
    return canonical.dumps(value, max_bytes=4_000_000)


HARD = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
HIGH, POLICY, PEOPLE = change(), policy_document(), registry()


@HARD
@given(st.data())
def test_an_odd_change_or_policy_is_judged_without_an_accident(data):
    odd = mutated(HIGH, data.draw)
    policy = mutated(POLICY, data.draw)
    again = canonical.loads(HIGH)
    again["policy"] = {**again["policy"], "sha256": canonical.sha256(policy)}

    for change_bytes, rules in ((odd, POLICY), (HIGH, policy), (canonical.dumps(again), policy)):
        found = evaluate(change_bytes, [], PEOPLE, rules, now=NOW, audience="executor:lab")
        assert found.state in {State.INVALID, State.PENDING, State.EXPIRED}


@HARD
@given(st.data())
def test_an_odd_statement_honestly_signed_is_counted_or_refused(data):
    odd = mutated(statement("ben", HIGH, SSH["ben"]), data.draw)

    found = evaluate(HIGH, recorded([SSH["ben"].sign(odd)]), PEOPLE, POLICY, now=NOW, audience="executor:lab")

    assert found.state in {State.GRANTED, State.PENDING}


@HARD
@given(st.data())
def test_an_odd_act_honestly_signed_is_heeded_or_passed_over(data):
    """Also a revocation or a delegation; the worst that it can do is to take a signature away."""
    lent = delegate("ben", "cleo")
    honest = [
        lent,
        revoke_key("ben", PASSKEY["ben"], since=1),
        authored("dan", HIGH),
        act("ben", documents.END_DELEGATION, "delegation:d1"),
    ]
    odd = mutated(read_sidecar(data.draw(st.sampled_from(honest))).payload, data.draw)
    sidecars = [lent, SSH["ben"].sign(odd, documents.ACT_PAYLOAD), decide("cleo", HIGH)]

    found = evaluate(HIGH, recorded(sidecars), PEOPLE, POLICY, now=NOW, audience="executor:lab")

    assert found.state in {State.GRANTED, State.PENDING}


@HARD
@given(st.data())
def test_an_odd_standing_approval_or_signatures_file_is_read_or_refused(data):
    odd = mutated(STANDING, data.draw)
    found = evaluate_standing(odd, recorded([SIGNED]), PEOPLE, RULES, now=NOW, audience="executor:lab")
    assert found.state in {State.INVALID, State.PENDING, State.EXPIRED, State.GRANTED}
    assert found.state is not State.GRANTED or odd == STANDING

    signatures = mutated(sign_with_ed25519(ROOT, documents.REGISTRY_PAYLOAD, registry_document()), data.draw)
    with suppress(RegistryError):
        parse_registry([(registry_document(), signatures)], root_public=pem(ROOT))


@HARD
@given(st.data())
def test_an_odd_sidecar_is_refused(data):
    sidecar = decide("ben", HIGH, signer=data.draw(st.sampled_from([SSH["ben"], PASSKEY["ben"]])))
    odd = mutated(sidecar, data.draw)

    if odd != sidecar:
        with pytest.raises(SignatureError):
            verify_sidecar(odd, PEOPLE)


@HARD
@given(st.data())
def test_an_odd_registry_honestly_signed_is_read_or_refused(data):
    odd = mutated(registry_document(), data.draw)
    chain = [(odd, sign_with_ed25519(ROOT, documents.REGISTRY_PAYLOAD, odd))]

    with suppress(RegistryError):
        assert parse_registry(chain, root_public=pem(ROOT)).sha256 == canonical.sha256(odd)


@HARD
@given(st.data())
def test_an_odd_bundle_honestly_signed_gets_a_report(data):
    bodies, found, record = story()
    which = data.draw(st.integers(0, len(bodies) - 1))
    bodies[which] = mutated(bodies[which], data.draw)
    whole = contents((bodies, found, record))

    assert verify(packed(whole)).exit_code in {0, 1, 2}


PARSERS = [
    documents.parse_change,
    documents.parse_policy,
    documents.parse_statement,
    documents.parse_act,
    documents.parse_standing,
]


def test_a_tree_said_to_be_endless_is_not_counted_out():
    head = sign(Checkpoint(origin=ORIGIN, size=10**18, root=bytes(32)), LOG)

    assert verify(packed(contents(checkpoint=head, last=10**15))).exit_code == 1


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize("data", [b"", b"null", b"[]", b"{}", b'"x"', b'{"_type":1}', b"[" * 40_000])
def test_what_is_no_document_is_refused(parse, data):
    with pytest.raises(DocumentError):
        parse(data)
