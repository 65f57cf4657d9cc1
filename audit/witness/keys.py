"""The witness's name and keys: made on its first start, in files that only its account may read."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from proof import lattice, note
from proof.note import COSIGNED_ED25519, VerifierKey

SEED_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who signs here.

    Attributes:
        name: stands in each line; by it and the key one knows the witness.
        lattice_seed: of the ML-DSA-44 key; empty where this machine's `cryptography` has none.
    """

    name: str
    private: Ed25519PrivateKey
    lattice_seed: bytes

    def verifiers(self) -> tuple[VerifierKey, ...]:
        """The keys by which others check the lines."""
        found = [note.verifier_key(self.name, self.private.public_key(), COSIGNED_ED25519)]
        if self.lattice_seed:
            found.append(note.ml_dsa_verifier_key(self.name, lattice.public_of(self.lattice_seed)))
        return tuple(found)

    def cosign(self, checkpoint: str, *, time: int) -> str:
        """The lines under a signed checkpoint."""
        lines = note.cosign_ed25519(checkpoint, self.name, self.private, time=time)
        if self.lattice_seed:
            lines += note.cosign_ml_dsa(checkpoint, self.name, self.lattice_seed, time=time)
        return lines


def identity(folder: Path, name: str) -> Identity:
    """The keys in a folder; made if there are none.

    Raises:
        ValueError: The folder belongs to a witness of another name, or holds something else than keys.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = _kept(folder / "name", name.encode()).decode()
    if name and kept != name:
        msg = f"{folder} belongs to the witness {kept!r}. A new name needs a new folder."
        raise ValueError(msg)
    seed = _seed(folder / "ed25519.seed")
    return Identity(
        name=kept,
        private=Ed25519PrivateKey.from_private_bytes(seed),
        lattice_seed=_seed(folder / "ml-dsa-44.seed") if _has_lattice() else b"",
    )


def _has_lattice() -> bool:
    try:
        lattice.public_of(bytes(SEED_BYTES))
    except lattice.UncheckableError:
        return False
    return True


def _seed(path: Path) -> bytes:
    seed = _kept(path, secrets.token_bytes(SEED_BYTES))
    if len(seed) != SEED_BYTES:
        msg = f"{path} does not hold {SEED_BYTES} bytes. Restore it from your backup."
        raise ValueError(msg)
    return seed


def _kept(path: Path, fresh: bytes) -> bytes:
    """The file's bytes, written now if there is none; of several who race, all read the winner's."""
    if not path.exists():
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(fresh)
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    return path.read_bytes()
