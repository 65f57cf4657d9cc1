"""People with keys that they really hold, for the tests of approvals."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from approvals import drafting, possession
from approvals.models import Draft, PersonKey, SignedAct
from approvals.roots import PAYLOADS
from approvals.services.enrol_key import enrol_key
from approvals.services.issue_act_template import issue_act_template
from approvals.services.record_act import record_act
from approvals.services.sign_draft import sign_draft
from core.actors import SYSTEM, Actor
from people.models import Person
from proof import multisig
from proof.documents import ACT_PAYLOAD
from proof.envelope import PAYLOAD_TYPE, pae
from proof.signatures import namespace_of, ssh_sidecar
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

    def sign(self, statement: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
        """A sidecar by this person's SSH key, in the namespace of what it signs."""
        return sidecar(self.private, self.key.key_id, statement, payload_type)

    def act(self, kind: str, subject: str, session: str = "here", **particulars: str) -> SignedAct:
        """Take an act's bytes, sign them, hand them in."""
        template = issue_act_template(kind, subject, particulars, self.key.key_id, session=session, actor=self.actor)
        return record_act(self.sign(bytes(template.statement), ACT_PAYLOAD), session=session, actor=self.actor)

    def cosign(self, draft: Draft) -> Draft:
        """Sign a draft of the registry or the policy with this person's key."""
        payload_type, data = PAYLOADS[draft.kind], drafting.content(draft)
        armored = sign(self.private, multisig.namespace_of(payload_type), pae(payload_type, data))
        signature = {"kind": "ssh", "key_id": self.key.key_id, "signature": armored}
        return sign_draft(draft.pk, signature, actor=self.actor)


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


def sidecar(private: Ed25519PrivateKey, key_id: str, payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """A sidecar by an SSH key."""
    armored = sign(private, namespace_of(payload_type, payload), pae(payload_type, payload))
    return ssh_sidecar(payload, armored, key_id, payload_type)


def public_line(private: Ed25519PrivateKey) -> str:
    """The OpenSSH line of a key."""
    return private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode("ascii")


def member(handle: str) -> Member:
    """The person of that handle with a new SSH key, enrolled."""
    person = Person.objects.get(handle=handle)
    private = Ed25519PrivateKey.generate()
    new = possession.from_file(public_line(private), label=f"{handle}'s laptop")
    return Member(person=person, private=private, key=enrol_key(person, new, actor=SYSTEM, how="ssh-file-on-host"))
