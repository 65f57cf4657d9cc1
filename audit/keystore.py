"""The service keys of this installation: small files that only this account may read."""

import os
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings

from audit.errors import TamperedError
from proof import lattice
from proof.note import VerifierKey, ml_dsa_verifier_key, verifier_key

NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
INSTALLATION = re.compile(r"[0-9a-f]{32}")


def folder() -> Path:
    """Where the keys lie; made on first use, closed to others."""
    return _made(f"{settings.DATA_DIR}/keys")


@cache
def _made(name: str) -> Path:
    path = Path(name)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def folder_of(name: str) -> Path:
    """Where the key of that name lies: a folder of its own where settings name one, for a process of its own."""
    apart = settings.KEY_FOLDERS.get(name)
    if not apart:
        return folder()
    path = Path(apart)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def private(name: str) -> Ed25519PrivateKey:
    """The service key of that name (`log`, `policy`, `executor`, `root`); made on first use, the same for all who race.

    Raises:
        TamperedError: The file holds no Ed25519 key.
    """
    content = kept(_file_of(name), _new_private_key)
    try:
        key = load_pem_private_key(content, password=None)
    except ValueError as error:
        detail = f"{_file_of(name)} holds no key. Restore it from your backup."
        raise TamperedError(detail) from error
    if not isinstance(key, Ed25519PrivateKey):
        detail = f"{_file_of(name)} holds a key of another kind. Restore it from your backup."
        raise TamperedError(detail)
    return key


def exists(name: str) -> bool:
    """Whether the key was made already and can be read here, for those who must not make it."""
    return os.access(_file_of(name), os.R_OK)


def public_pem(name: str) -> str:
    """The public half, as SPKI PEM text; of a key that lies apart, the copy that was left here when it was made."""
    copy = folder() / f"{_checked(name)}.public.pem"
    apart = bool(settings.KEY_FOLDERS.get(name))
    if apart and copy.exists():
        return copy.read_text(encoding="ascii")
    spki = private(name).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    if apart:
        replace(copy, spki)
    return spki.decode("ascii")


def log_verifier() -> VerifierKey:
    """The Ed25519 key by which others check this log's checkpoints."""
    return verifier_key(origin(), private("log").public_key())


def log_verifiers() -> tuple[VerifierKey, ...]:
    """All keys of this log, Ed25519 first: every checkpoint bears a line of each."""
    return log_verifier(), ml_dsa_verifier_key(origin(), lattice.public_of(seed("log-pq")))


def seed(name: str) -> bytes:
    """The seed of an ML-DSA-44 key (`log-pq`); made on first use, the same for all who race.

    Raises:
        TamperedError: The file holds something else than 32 bytes.
    """
    path = folder() / f"{_checked(name)}.ml-dsa-44.seed"
    content = kept(path, lambda: secrets.token_bytes(lattice.SEED_BYTES))
    if len(content) != lattice.SEED_BYTES:
        detail = f"{path} holds no seed of {lattice.SEED_BYTES} bytes. Restore it from your backup."
        raise TamperedError(detail)
    return content


def installation() -> str:
    """The random id of this installation: 32 hex digits, made on first use.

    Raises:
        TamperedError: The file holds something else.
    """
    path = f"{settings.DATA_DIR}/keys/installation"
    with suppress(FileNotFoundError):
        found = os.stat(path)  # noqa: PTH116 -- every entry names it, so the file is read again only when it is another one
        return _installation(path, found.st_ino, found.st_mtime_ns)
    kept(folder() / "installation", lambda: secrets.token_hex(16).encode("ascii"))
    return installation()


@lru_cache(maxsize=8)
def _installation(path: str, _inode: int, _changed: int) -> str:
    text = Path(path).read_text(encoding="ascii", errors="replace").strip()
    if not INSTALLATION.fullmatch(text):
        detail = f"{path} does not hold 32 hex digits. Restore it from your backup."
        raise TamperedError(detail)
    return text


def origin() -> str:
    """The log's name, as its checkpoints carry it."""
    return f"countersign/{installation()}"


def replace(path: Path, content: bytes) -> None:
    """Write a file so that after a crash it holds the old bytes or the new, never a mixture."""
    draft = _draft(path, content)
    draft.replace(path)
    _settle(path.parent)


def kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """The file's bytes; if there is none, make it. Of several who race, one wins and all read the winner's."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        draft = _draft(path, make())
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
        _settle(path.parent)
        return path.read_bytes()


def _file_of(name: str) -> Path:
    return folder_of(name) / f"{_checked(name)}.ed25519.pem"


def _checked(name: str) -> str:
    if not NAME.fullmatch(name):
        detail = f"{name!r} is not a key's name."
        raise ValueError(detail)
    return name


def _new_private_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _draft(path: Path, content: bytes) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    return draft


def _settle(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
