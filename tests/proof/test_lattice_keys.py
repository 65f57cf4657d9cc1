"""Passkeys of ML-DSA (H20): read everywhere, checked where it can be, and never counted unchecked."""

import importlib

import cbor2
import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import mldsa as library
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from proof import canonical, cose, documents, keys, lattice, multisig
from proof.keys import KeyFormatError
from proof.lattice import UncheckableError
from proof.quorum import State
from proof.signatures import verify_sidecar
from tests.proof.cast import ORIGIN, SSH, Passkey
from tests.proof.exports import PINNED, contents, packed, story
from tests.proof.factory import change, decide, key_entry, person_entry, registry, signed_registry
from tests.proof.judging import judge

LEVELS = {44: library.MLDSA44PrivateKey, 65: library.MLDSA65PrivateKey}
HIGH = change()


def can(level):
    try:
        return LEVELS[level].generate() is not None
    except UnsupportedAlgorithm:
        return False


pytestmark = pytest.mark.skipif(not can(44), reason="this machine's library has no ML-DSA")


class LatticePasskey(Passkey):
    """A passkey whose authenticator signs with ML-DSA."""

    def __init__(self, name, level):
        super().__init__(f"{name} {level}")
        self.private = self
        self.key = LEVELS[level].generate()
        self.raw = self.key.public_key().public_bytes_raw()
        self.public = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        self.key_id = keys.key_id_of(self.public)
        self.entry = {**self.entry, "origins": [ORIGIN]}

    def sign(self, data, how=None, **changes):
        """As the private key when a ceremony asks, as the passkey when a test does."""
        if how is not None and not isinstance(how, str):
            return self.key.sign(data)
        return super().sign(data, **({"payload_type": how} if how else {}), **changes)


BEN = {level: LatticePasskey("ben", level) for level in LEVELS}


def people(level):
    return registry(persons=[person_entry("ben", keys=[key_entry(BEN[level])]), person_entry("cleo")])


def unable(monkeypatch, how):
    """A computer without the module, or with one whose library lacks the algorithm."""
    real = importlib.import_module

    class Old:
        @staticmethod
        def from_public_bytes(_raw):
            raise UnsupportedAlgorithm("no")

    def find(name, *rest):
        if not name.endswith("mldsa"):
            return real(name, *rest)
        if how == "missing":
            raise ImportError(name)
        return type("old", (), {"MLDSA44PublicKey": Old, "MLDSA65PublicKey": Old})

    monkeypatch.setattr(lattice, "import_module", find)


@pytest.mark.parametrize("level", LEVELS)
def test_a_passkey_of_ml_dsa_approves(level):
    verdict = judge(HIGH, [decide("ben", HIGH, signer=BEN[level])], people=people(level))

    assert (verdict.state, verdict.counted[0][1]) == (State.GRANTED, BEN[level].key_id)
    other = decide("ben", change(people=2), signer=BEN[level])
    forged = canonical.loads(decide("ben", HIGH, signer=BEN[level]), max_bytes=99_000)
    forged["signature"] = canonical.loads(other, max_bytes=99_000)["signature"]
    assert judge(HIGH, [canonical.dumps(forged, max_bytes=99_000)], people=people(level)).state is State.PENDING


@pytest.mark.parametrize(("level", "algorithm"), [(44, -48), (65, -49)])
def test_its_cose_key_is_read(level, algorithm):
    assert cose.pem_of_cose(cbor2.dumps({1: 7, 3: algorithm, -1: BEN[level].raw})) == BEN[level].public
    for odd in ({1: 7, 3: algorithm, -1: BEN[level].raw[1:]}, {1: 7, 3: -47, -1: BEN[level].raw},
                {1: 7, 3: algorithm}, {1: 7, -1: BEN[level].raw}):  # fmt: skip
        with pytest.raises(KeyFormatError):
            cose.pem_of_cose(cbor2.dumps(odd))


@pytest.mark.parametrize("level", LEVELS)
def test_its_pem_is_that_of_others_and_has_one_form(level):
    assert keys.pem_of(keys.load_pem(BEN[level].public)) == BEN[level].public
    with pytest.raises(KeyFormatError):
        keys.load_pem(BEN[level].public.replace("\n", "\r\n"))


@pytest.mark.parametrize("how", ["missing", "old"])
class TestWhereItCannotBeChecked:
    def test_the_registry_is_read_and_the_approval_never_counts(self, monkeypatch, how):
        unable(monkeypatch, how)
        sidecar = decide("ben", HIGH, signer=BEN[44])

        verdict = judge(HIGH, [sidecar], people=people(44))

        assert (verdict.state, verdict.uncheckable) == (State.PENDING, True)
        assert "NOT CHECKED (needs cryptography 48)" in verdict.reasons[0]
        with pytest.raises(UncheckableError):
            verify_sidecar(sidecar, people(44))
        assert judge(HIGH, [sidecar, decide("cleo", HIGH)], people=people(44)).state is State.GRANTED

    def test_a_rejection_that_cannot_be_checked_is_said(self, monkeypatch, how):
        unable(monkeypatch, how)

        verdict = judge(HIGH, [decide("ben", HIGH, "reject", signer=BEN[44]), decide("cleo", HIGH)], people=people(44))

        assert verdict.uncheckable

    def test_an_export_whose_run_rests_on_it_is_incomplete_not_broken(self, monkeypatch, how):
        from proof.bundle import verify

        listed = [person_entry("ben", keys=[key_entry(BEN[44])]), person_entry("cleo")]
        told = story(HIGH, [decide("ben", HIGH, signer=BEN[44])])
        bundle = packed(contents(told, registry=[signed_registry(persons=listed)]))

        assert verify(bundle, PINNED).exit_code == 0
        unable(monkeypatch, how)
        report = verify(bundle, PINNED)
        assert (report.exit_code, "cannot be told here" in report.gaps[0]) == (2, True)

    def test_a_root_that_rests_on_it_is_uncheckable(self, monkeypatch, how):
        unable(monkeypatch, how)
        data = b"{}"
        signers = [people(44).key(BEN[44].key_id)]
        made = BEN[44].sign_document(documents.POLICY_PAYLOAD, data)
        signed = multisig.add_signature(multisig.unsigned(documents.POLICY_PAYLOAD, data), made)

        with pytest.raises(UncheckableError):
            multisig.verify_threshold(signed, documents.POLICY_PAYLOAD, data, signers, 1)


def test_the_ssh_keys_of_others_are_as_before():
    assert judge(HIGH, [decide("cleo", HIGH)], people=people(44)).counted[0][1] == SSH["cleo"].key_id
