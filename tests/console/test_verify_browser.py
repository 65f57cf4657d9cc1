"""The audit page's own verifier, in Chromium: public vectors, our verifier in Python as the oracle, every lie told."""

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from proof import canonical, checkpoint, merkle, note, sshsig, webauthn
from proof.binary import b64url
from proof.envelope import PAYLOAD_TYPE
from proof.keys import key_id_of, pem_of
from proof.signatures import sign_envelope, ssh_sidecar, webauthn_sidecar
from tests.console.browsing import ROOT
from tests.console.verifying import modules, run

pytestmark = pytest.mark.browser
VECTORS = ROOT.parent / "shared" / "vectors"
ORIGIN, SITE = "https://console.example", "console.example"


@pytest.fixture(scope="module")
def page():
    with modules() as found:
        yield found


def leaves(count):
    return [merkle.leaf_hash(f"record {number}".encode()) for number in range(count)]


def test_proofs_of_inclusion_for_all_small_trees_are_those_of_our_verifier(page):
    cases = []
    for size in range(1, 34):
        items = leaves(size)
        for index in range(size):
            path = merkle.inclusion_proof(index, items)
            cases.append([index, size, items[index].hex(), [one.hex() for one in path], merkle.root(items).hex()])
    code = """
        let wrong = [];
        for (const [index, size, item, path, root] of given[0]) {
            const all = [b.unhex(item), path.map(b.unhex), b.unhex(root)];
            const told = (words) => wrong.push([words, index, size]);
            if (!(await m.verifyInclusion(index, size, ...all))) told("refused");
            if (size === 1) continue;
            if (await m.verifyInclusion((index + 1) % size, size, ...all)) told("elsewhere");
            if (await m.verifyInclusion(index, size, all[0], all[1].slice(1), all[2])) told("short");
        }
        return wrong;
    """
    assert run(page, "merkle", code, cases) == []


def test_proofs_of_consistency_for_all_small_trees_are_those_of_our_verifier(page):
    cases = []
    for size in range(1, 34):
        items = leaves(size)
        for old in range(1, size + 1):
            path = [one.hex() for one in merkle.consistency_proof(old, items)]
            cases.append([old, size, merkle.root(items[:old]).hex(), merkle.root(items).hex(), path])
    code = """
        let wrong = [];
        const other = b.unhex("00".repeat(32));
        for (const [old, size, first, second, path] of given[0]) {
            const holds = (one, two) => m.verifyConsistency(old, size, one, two, path.map(b.unhex));
            const told = (words) => wrong.push([words, old, size]);
            if (!(await holds(b.unhex(first), b.unhex(second)))) told("refused");
            if (await holds(other, b.unhex(second))) told("old root");
            if (await holds(b.unhex(first), other)) told("new root");
        }
        if (await m.verifyConsistency(0, 3, other, other, [])) wrong.push(["empty"]);
        return wrong;
    """
    assert run(page, "merkle", code, cases) == []


def test_a_tree_that_grows_has_the_roots_of_our_verifier(page):
    items = leaves(70)
    roots = [merkle.root(items[:size]).hex() for size in range(1, 71)]
    code = """
        const tree = new m.CompactRange();
        const roots = [];
        for (const item of given[0]) {
            await tree.append(b.unhex(item));
            roots.push(b.hex(await tree.root()));
        }
        return roots;
    """
    assert run(page, "merkle", code, [item.hex() for item in items]) == roots


@pytest.mark.skipif(not VECTORS.exists(), reason="the public vectors are not on this machine")
@pytest.mark.parametrize("kind", ["inclusion", "consistency"])
def test_the_public_vectors_of_proofs_come_out_as_they_should(page, kind):
    cases = []
    for path in sorted((VECTORS / "merkle" / "testdata" / kind).rglob("*.json")):
        case = json.loads(path.read_text())
        cases.append({**case, "name": f"{path.parent.name}/{path.name}", "proof": case["proof"] or []})
    assert len(cases) > 30
    code = """
        const bytes = (text) => Uint8Array.from(atob(text ?? ""), (char) => char.charCodeAt(0));
        const wrong = [];
        for (const one of given[0]) {
            const proof = one.proof.map(bytes);
            const right = "leafIdx" in one
                ? await m.verifyInclusion(one.leafIdx, one.treeSize, bytes(one.leafHash), proof, bytes(one.root))
                : await m.verifyConsistency(one.size1, one.size2, bytes(one.root1), bytes(one.root2), proof);
            if (right === one.wantErr) wrong.push(one.name);
        }
        return wrong;
    """
    wrong = run(page, "merkle", code, cases)
    # Like our verifier in Python we say nothing for the empty tree, where the vectors let it pass.
    assert [name for name in wrong if not empty(cases, name)] == []


def empty(cases, name):
    case = next(case for case in cases if case["name"] == name)
    return case.get("size1") == 0


OPEN = """
    const keys = await Promise.all(given[1].map(m.readKey));
    try {
        const opened = await m.openNote(given[0], keys);
        return [m.isSigned(opened), opened.head.size, opened.signers.map((one) => one.state)];
    } catch (error) {
        return [false, 0, [error.message]];
    }
"""


def signed_head(size=5, origin="log.example/one", seed=b"p" * 32):
    key = Ed25519PrivateKey.from_private_bytes(b"l" * 32)
    head = checkpoint.Checkpoint(origin=origin, size=size, root=hashlib.sha256(b"root").digest())
    keys = [str(note.verifier_key(origin, key.public_key()))]
    try:
        from proof import lattice

        keys.append(str(note.ml_dsa_verifier_key(origin, lattice.public_of(seed))))
        return checkpoint.sign(head, key, seed), keys
    except lattice.UncheckableError:
        return checkpoint.sign(head, key), keys


def test_a_signed_head_is_right_and_what_cannot_be_checked_is_said(page):
    text, keys = signed_head()
    good, size, states = run(page, "note", OPEN, text, keys)
    assert (good, size, states[0]) == (True, 5, "right")
    assert states[1:] in ([], ["unchecked"], ["right"])


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n5\n", "\n6\n", 1),
        lambda text: text.replace("log.example/one\n", "log.example/two\n", 1),
        lambda text: "\n".join(line for line in text.split("\n") if not line.startswith("—")) + "\n",
        lambda text: text.replace("\n5\n", "\n05\n", 1),
        lambda text: text.replace("\n5\n", "\n5\r\n", 1),
        lambda text: "\n".join(text.split("\n")[:5]) + "\n",
    ],
    ids=["size", "origin", "no signatures", "leading zero", "carriage return", "stripped of the second line"],
)
def test_a_head_that_was_touched_is_not_believed(page, change):
    text, keys = signed_head()
    assert run(page, "note", OPEN, change(text), keys)[0] is False


def test_a_head_signed_by_another_key_of_the_same_name_is_not_believed(page):
    text, _ = signed_head()
    other = Ed25519PrivateKey.generate().public_key()
    assert run(page, "note", OPEN, text, [str(note.verifier_key("log.example/one", other))])[0] is False


@pytest.mark.skipif(not VECTORS.exists(), reason="the public vectors are not on this machine")
def test_the_public_note_is_opened(page):
    vector = json.loads((VECTORS / "notes.json").read_text())["signed_note"]
    code = """
        const { text, lines } = m.splitNote(given[0]);
        const key = await m.readKey(given[1]);
        const kept = await crypto.subtle.importKey("raw", key.public, { name: "Ed25519" }, false, ["verify"]);
        return crypto.subtle.verify({ name: "Ed25519" }, kept, lines[0].signature, b.bytesOf(text));
    """
    assert run(page, "note", code, vector["note"], vector["vkey"]) is True


STATEMENT = canonical.dumps(
    {"_type": "https://in-toto.io/Statement/v1", "predicateType": "urn:countersign:decision:v1", "subject": []}
)


def passkey(kind="p256", *, payload=STATEMENT, flags=5, origin=ORIGIN, rp=SITE, type_="webauthn.get"):
    private = generate_private_key(SECP256R1()) if kind == "p256" else Ed25519PrivateKey.generate()
    public = pem_of(private.public_key())
    client = json.dumps({"type": type_, "challenge": webauthn.challenge(PAYLOAD_TYPE, payload), "origin": origin})
    data = hashlib.sha256(rp.encode()).digest() + bytes([flags]) + bytes(4)
    message = data + hashlib.sha256(client.encode()).digest()
    made = private.sign(message, ECDSA(SHA256())) if kind == "p256" else private.sign(message)
    assertion = webauthn.Assertion(authenticator_data=data, client_data_json=client.encode(), signature=made)
    listed = {"class": "webauthn", "public": public, "credential_id": b64url(b"c"), "rp_id": SITE, "origins": [ORIGIN]}
    sidecar = webauthn_sidecar(STATEMENT, assertion, credential_id=b64url(b"c"), key_id=key_id_of(public))
    return sidecar, listed


def ssh(kind="ed25519", namespace="countersign-decision-v1"):
    private = Ed25519PrivateKey.generate() if kind == "ed25519" else generate_private_key(SECP256R1())
    public = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    from proof.envelope import pae

    armored = sshsig.sign(private, namespace, pae(PAYLOAD_TYPE, STATEMENT))
    return ssh_sidecar(STATEMENT, armored, key_id_of(public)), {"class": "ssh-file", "public": public}


def service():
    private = Ed25519PrivateKey.generate()
    return sign_envelope(private, STATEMENT), {"class": "service", "public": pem_of(private.public_key())}


VERIFY = """
    const found = m.readSidecar(b.unhex(given[0]));
    const keys = await import("https://verify.example/static/js/verify/keys.js");
    try {
        const how = await m.verifySidecar(found, given[1]);
        return [how, (await keys.keyId(given[1].public)) === found.keyId];
    } catch (error) {
        return ["refused", error.message];
    }
"""


@pytest.mark.parametrize(
    ("make", "how"),
    [
        (lambda: passkey("p256"), "passkey"),
        (lambda: passkey("ed25519"), "passkey"),
        (lambda: ssh("ed25519"), "SSH key in a file"),
        (lambda: ssh("p256"), "SSH key in a file"),
        (service, "service key"),
    ],
    ids=["passkey P-256", "passkey Ed25519", "ssh Ed25519", "ssh P-256", "service"],
)
def test_signatures_of_every_kind_are_right(page, make, how):
    for _ in range(8):  # ECDSA numbers come in several lengths
        sidecar, key = make()
        assert run(page, "signed", VERIFY, sidecar.hex(), key) == [how, True]


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: passkey(flags=1), "did not check who used it"),
        (lambda: passkey(flags=4), "did not check who used it"),
        (lambda: passkey(origin="https://console.example.evil.example"), "another site"),
        (lambda: passkey(rp="example"), "another site"),
        (lambda: passkey(type_="webauthn.create"), "not one of signing"),
        (lambda: passkey(payload=b"{}"), "signed something else"),
        (lambda: ssh(namespace="git"), "another purpose"),
        (lambda: ssh(namespace="countersign-override-v1"), "another purpose"),
        (lambda: (passkey()[0], passkey()[1]), "signature is wrong"),
        (lambda: (ssh()[0], ssh()[1]), "another SSH key"),
        (lambda: (service()[0], service()[1]), "signature is wrong"),
        (lambda: (ssh()[0], passkey()[1]), "another kind"),
        (lambda: (service()[0], passkey()[1]), "another kind"),
    ],
    ids=lambda told: told if isinstance(told, str) else "made",
)
def test_a_signature_that_is_not_what_it_must_be_is_refused(page, make, why):
    sidecar, key = make()
    refused, words = run(page, "signed", VERIFY, sidecar.hex(), key)
    assert refused == "refused"
    assert why in words


def test_a_changed_payload_spoils_every_kind(page):
    for make in (passkey, ssh, service):
        sidecar, key = make()
        body = json.loads(sidecar)
        text = STATEMENT.replace(b'"subject":[]', b'"subject":[1]')
        body["payload"] = base64.b64encode(text).decode()
        assert run(page, "signed", VERIFY, canonical.dumps(body).hex(), key)[0] == "refused"


def test_the_drawn_way_ends_where_the_record_stands(page):
    code = """
        const wrong = [];
        for (let size = 1; size < 70; size++) for (let seq = 0; seq < size; seq++) {
            const way = m.turns(seq, size);
            if (way.length !== given[0][size][seq]) wrong.push([seq, size, way.length]);
        }
        return wrong;
    """
    lengths = [[len(merkle.inclusion_proof(at, leaves(size))) for at in range(size)] for size in range(70)]
    assert run(page, "draw", code, lengths) == []
