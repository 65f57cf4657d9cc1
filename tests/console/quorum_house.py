"""A house in which a critical change takes four people: three with passkeys, one with an SSH key."""

import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from approvals import bundles, possession
from approvals.services.activate_policy import activate_policy
from approvals.services.enrol_key import enrol_key
from audit.services.sequence import sequence_all
from core.actors import SYSTEM, Role
from people.models import Person
from people.services.add_person import add_person
from people.services.add_token import add_token
from tests.console import world

LIMIT = (
    '  - {action: move-database, targets: ["lab/*"], tier: CRITICAL, people: 4, '
    "classes: [webauthn, ssh-sk-uv, ssh-sk, ssh-file], auto: false}\n"
)


def build(folder: str) -> None:
    """People, a policy, and a critical change of the planner that Gus shaped; prints what the test needs."""
    for handle, name in (("eve", "Eve Approver"), ("fay", "Fay Approver"), ("gus", "Gus Approver")):
        add_person(handle, name, [Role.APPROVER], actor=SYSTEM)
    world.catalogue()
    world.source()
    policy = Path(folder) / "four.yaml"
    policy.write_text(bundles.SHIPPED.joinpath("lab.yaml").read_text().replace("limits:\n", f"limits:\n{LIMIT}"))
    activate_policy(policy, actor=SYSTEM)
    key = ssh_key(Path(folder) / "id_fay", "fay")
    ssh_key(Path(folder) / "id_gus", "gus")
    request = critical(interested=[Person.objects.get(handle="gus").pk])
    token = add_token("fay", ["approvals:read", "approvals:sign"], actor=SYSTEM)
    print(json.dumps({"request": request.pk, "token": token, "key": str(key), "digest": request.change_id}))


def critical(interested=()):
    """A critical plan that waits."""
    made = world.incident("checkout is slow and failing", severity="S1")
    found = world.remediation(made, "AWAITING_APPROVAL")
    world.diagnosed(found, made)
    request = world.proposed(found, made, critical=True, interested=interested)
    sequence_all()
    return request


def ssh_key(path: Path, handle: str) -> Path:
    """A key in a file, enrolled by the host for its owner."""
    private = Ed25519PrivateKey.generate()
    path.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    path.chmod(0o600)
    public = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    new = possession.from_file(public, label=f"{handle}'s build host")
    enrol_key(Person.objects.get(handle=handle), new, actor=SYSTEM, how="ssh-file-on-host")
    return path


def link(keep: str, other: str) -> None:
    """Two accounts turn out to be one person; the registry says so."""
    from approvals.services.follow_people import follow_people
    from people.services.link_people import link_people

    link_people(keep, other, actor=SYSTEM)
    sequence_all()
    follow_people()
    print("[]")
