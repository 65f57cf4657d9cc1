"""The statement by which somebody shows that they hold an SSH key, and the key that it shows."""

from typing import Any, Final, cast

from approvals.registry_documents import NewKey
from audit import keystore
from core.errors import BadInputError, RefusedError
from proof import canonical, sshsig
from proof.envelope import SignatureError
from proof.keys import SSH_FILE, SSH_SK, KeyFormatError

NAMESPACE: Final = "countersign-enrolment-v1"
POSSESSION: Final = "urn:countersign:possession:v1"


def statement(person_id: str, key_id: str, challenge: bytes) -> bytes:
    """What is signed: this person, this key, this installation, this once."""
    return canonical.dumps(
        {
            "_type": POSSESSION,
            "challenge": challenge.hex(),
            "installation": keystore.installation(),
            "key_id": key_id,
            "person_id": person_id,
        }
    )


def challenge_in(data: bytes) -> bytes:
    """The challenge within a statement, as claimed.

    Raises:
        BadInputError: It is not such a statement.
    """
    try:
        document = cast("dict[str, Any]", canonical.loads(data))
        return bytes.fromhex(document["challenge"])
    except (ValueError, KeyError, TypeError) as error:
        detail = "This is not a statement that was handed out for an enrolment."
        raise BadInputError(detail) from error


def shown(public: str, armored: str, signed: bytes, *, label: str) -> NewKey:
    """The key whose possession a signature shows; a security key that checked its user is of the higher class.

    Raises:
        RefusedError: The signature is not by that key over the statement.
    """
    try:
        key_class = sshsig.verify(armored, public, NAMESPACE, signed)
        line = sshsig.parse_public_line(public)
    except (SignatureError, KeyFormatError) as error:
        detail = f"The signature does not show that you hold this key: {error}"
        raise RefusedError(detail) from error
    return NewKey(key_id=line.key_id, key_class=key_class, public=line.line, label=label)


def from_file(public: str, *, label: str) -> NewKey:
    """A key from its public file, on the word of whoever runs a command on this computer.

    Raises:
        BadInputError: It is not an SSH key that is taken.
    """
    try:
        line = sshsig.parse_public_line(public)
    except KeyFormatError as error:
        raise BadInputError(str(error)) from error
    key_class = SSH_SK if line.is_security_key else SSH_FILE
    return NewKey(key_id=line.key_id, key_class=key_class, public=line.line, label=label)
