"""People with keys that they really hold, for the tests of approvals."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from approvals import possession
from approvals.models import PersonKey
from approvals.services.enrol_key import enrol_key
from core.actors import SYSTEM, Actor
from people.models import Person
from proof.documents import DECISION_NAMESPACE
from proof.envelope import PAYLOAD_TYPE, pae
from proof.signatures import ssh_sidecar
from proof.sshsig import sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person, the private key that they hold, and the row of its public half."""

    person: Person
    private: Ed25519PrivateKey
    key: PersonKey

    @property
    def actor(self) -> Actor:
        return self.person.as_actor()

    def sign(self, statement: bytes) -> bytes:
        """A sidecar by this person's SSH key."""
        return ssh_sidecar(
            statement, sign(self.private, DECISION_NAMESPACE, pae(PAYLOAD_TYPE, statement)), self.key.key_id
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Who is who."""

    ada: Member
    ben: Member
    cleo: Member
    eve: Member
    dan: Member
    oda: Member
    mallory: Member


def public_line(private: Ed25519PrivateKey) -> str:
    """The OpenSSH line of a key."""
    return private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode("ascii")


def member(handle: str) -> Member:
    """The person of that handle with a new SSH key, enrolled."""
    person = Person.objects.get(handle=handle)
    private = Ed25519PrivateKey.generate()
    new = possession.from_file(public_line(private), label=f"{handle}'s laptop")
    return Member(person=person, private=private, key=enrol_key(person, new, actor=SYSTEM, how="ssh-file-on-host"))
