"""A house in which a critical change takes four people: three with passkeys, one with an SSH key."""

import json
import secrets
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_private_key,
)

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
    request = plan(interested=[Person.objects.get(handle="gus").pk])
    token = add_token("fay", ["approvals:read", "approvals:sign"], actor=SYSTEM)
    print(json.dumps({"request": request.pk, "token": token, "key": str(key), "digest": request.change_id}))


def plan(*, critical=True, interested=()):
    """A plan that waits."""
    made = world.incident("checkout is slow and failing", severity="S1")
    found = world.remediation(made, "AWAITING_APPROVAL")
    world.diagnosed(found, made)
    request = world.proposed(found, made, critical=critical, interested=interested)
    sequence_all()
    return request


def high(shaped_by: str) -> None:
    """A plan of high risk that somebody shaped."""
    print(json.dumps({"request": plan(critical=False, interested=[Person.objects.get(handle=shaped_by).pk]).pk}))


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


def enter(handle: str) -> None:
    """The address by which somebody signs in once."""
    from people.services.make_sign_in_link import make_sign_in_link

    print(f"/sign-in/{make_sign_in_link(handle, actor=SYSTEM)}/")


def empower(handle: str) -> None:
    """Give somebody the role to override, in the signed registry."""
    from approvals.services.change_registry import bring_in_step
    from people.services.grant_role import grant_role

    grant_role(handle, Role.OVERRIDE, actor=SYSTEM)
    bring_in_step(Person.objects.get(handle=handle), actor=SYSTEM, why="role.granted")
    print("[]")


def lend(folder: str, giver: str, taker: str, action: str) -> None:
    """Lend a right to sign by the giver's SSH key, for one action in the lab."""
    from approvals.services.issue_act_template import issue_act_template
    from approvals.services.record_act import record_act
    from core import clock
    from proof.documents import ACT_PAYLOAD
    from proof.keys import key_id_of
    from tests.approvals.cast import public_line, sidecar

    private = load_ssh_private_key((Path(folder) / f"id_{giver}").read_bytes(), None)
    owner, now, uid = Person.objects.get(handle=giver), clock.now(), secrets.token_hex(16)
    particulars = {
        "id": uid,
        "delegate": Person.objects.get(handle=taker).pk,
        "actions": action,
        "targets": "lab/*",
        "not_before": clock.rfc3339(now),
        "not_after": clock.rfc3339(now + timedelta(days=2)),
    }
    key_id = key_id_of(public_line(private))
    template = issue_act_template(
        "delegate", f"delegation:{uid}", particulars, key_id, session="here", actor=owner.as_actor()
    )
    signed = sidecar(private, key_id, bytes(template.statement), ACT_PAYLOAD)
    record_act(signed, session="here", actor=owner.as_actor())
    sequence_all()
    print("[]")
