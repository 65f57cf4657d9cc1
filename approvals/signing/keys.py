"""The signer's SSH key: in a file, in an agent, or on a security key."""

import getpass
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_ssh_private_key

from core.errors import BadInputError, NotFoundError, RefusedError
from proof import sshsig
from proof.keys import KeyFormatError

USUAL: Final = ("id_ed25519_sk", "id_ecdsa_sk", "id_ed25519", "id_ecdsa")
SIGN_TIMEOUT_S: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A key that one can sign with.

    Attributes:
        path: the private key's file, or the public one where an agent or a device holds the private half.
        key_id: as the registry names it.
    """

    path: Path
    key_id: str


def usual_key() -> Path:
    """The SSH key that `ssh` itself would try first.

    Raises:
        NotFoundError: There is none.
    """
    folder = Path.home() / ".ssh"
    for name in USUAL:
        if (folder / f"{name}.pub").exists():
            return folder / name
    detail = "There is no SSH key in ~/.ssh. Name one with --ssh-key PATH, or make one: ssh-keygen -t ed25519."
    raise NotFoundError(detail)


def read_key(path: Path) -> SigningKey:
    """The key at a path: a private key file, or a `.pub` beside one or for one that an agent holds.

    Raises:
        NotFoundError: There is no such file.
        BadInputError: It is not a key that is taken.
    """
    private = path.with_suffix("") if path.suffix == ".pub" else path
    public = private.with_name(f"{private.name}.pub")
    if not private.exists() and not public.exists():
        detail = f"There is no SSH key {path}."
        raise NotFoundError(detail)
    try:
        line = public.read_text(encoding="utf-8") if public.exists() else public_of(private)
        key_id = sshsig.parse_public_line(line).key_id
    except (KeyFormatError, UnicodeDecodeError) as error:
        detail = f"{path}: {error}"
        raise BadInputError(detail) from error
    return SigningKey(path=private if private.exists() else public, key_id=key_id)


def sign(key: SigningKey, namespace: str, message: bytes) -> str:
    """An armored SSH signature: by `ssh-keygen`, which knows agents and security keys, else by ourselves.

    Raises:
        RefusedError: The key did not sign.
    """
    program = shutil.which("ssh-keygen")
    if program is None:
        return sshsig.sign(_load(key.path), namespace, message)
    with tempfile.TemporaryDirectory(prefix="countersign-") as folder:
        file = Path(folder) / "statement"
        file.write_bytes(message)
        try:
            done = subprocess.run(
                [program, "-Y", "sign", "-n", namespace, "-f", str(key.path), str(file)],
                stdout=subprocess.DEVNULL,
                timeout=SIGN_TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            detail = "The key did not answer within two minutes. Nothing was sent."
            raise RefusedError(detail) from error
        signature = file.with_name("statement.sig")
        if done.returncode != 0 or not signature.exists():
            detail = "ssh-keygen did not sign; what it said stands above. Nothing was sent."
            raise RefusedError(detail)
        return signature.read_text(encoding="ascii")


def public_of(private: Path) -> str:
    """The public line of a private key's file; asks for its passphrase if it has one."""
    found = _load(private).public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return found.decode("ascii")


def _load(path: Path) -> Ed25519PrivateKey | EllipticCurvePrivateKey:
    content = path.read_bytes()
    try:
        try:
            key = load_ssh_private_key(content, password=None)
        except TypeError:  # it has a passphrase
            key = load_ssh_private_key(content, password=getpass.getpass(f"Passphrase of {path}: ").encode("utf-8"))
    except (ValueError, UnsupportedAlgorithm) as error:
        detail = f"{path} is not a private SSH key that can be read here: {error}"
        raise BadInputError(detail) from error
    if not isinstance(key, Ed25519PrivateKey | EllipticCurvePrivateKey):
        detail = f"{path} is of a kind that is not taken; use Ed25519 or P-256."
        raise BadInputError(detail)
    return key
