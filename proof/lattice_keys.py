"""ML-DSA keys of passkeys (FIPS 204), read without help; only checking a signature needs a `cryptography` that can."""

import base64
import textwrap
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm

from proof import lattice

SPKI_HEADS = {
    44: bytes.fromhex("30820532300b06096086480165030403110382052100"),
    65: bytes.fromhex("308207b2300b0609608648016503040312038207a100"),
}
RAW_BYTES = {44: 1_312, 65: 1_952}


@dataclass(frozen=True, slots=True, kw_only=True)
class MlDsaKey:
    """A public key of ML-DSA-44 or ML-DSA-65."""

    level: int
    raw: bytes

    @property
    def spki(self) -> bytes:
        """The SubjectPublicKeyInfo (RFC 9881), in DER."""
        return SPKI_HEADS[self.level] + self.raw

    @property
    def pem(self) -> str:
        """The same in PEM."""
        lines = "\n".join(textwrap.wrap(base64.b64encode(self.spki).decode("ascii"), 64))
        return f"-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n"

    def verify(self, signature: bytes, message: bytes) -> None:
        """Check a signature.

        Raises:
            proof.lattice.UncheckableError: The `cryptography` installed here, or the library under it, cannot.
            cryptography.exceptions.InvalidSignature: It is wrong.
        """
        library = lattice.module()
        try:
            public = getattr(library, f"MLDSA{self.level}PublicKey").from_public_bytes(self.raw)
        except UnsupportedAlgorithm as error:
            raise lattice.UncheckableError(lattice.NOT_CHECKED) from error
        public.verify(signature, message)


def from_raw(level: int, raw: bytes) -> MlDsaKey | None:
    """The key of a level, if the bytes are as many as it has."""
    return MlDsaKey(level=level, raw=raw) if RAW_BYTES.get(level) == len(raw) else None


def from_spki(data: bytes) -> MlDsaKey | None:
    """The key within a SubjectPublicKeyInfo, if it is one of these."""
    for level, head in SPKI_HEADS.items():
        if data.startswith(head):
            return from_raw(level, data[len(head) :])
    return None
