"""Sign an act or a draft in a terminal: what is fetched is checked here, and what is signed is what was shown."""

import json
from collections.abc import Mapping
from typing import Any

from approvals import recovery
from approvals.signing import keys
from approvals.signing.keys import SigningKey
from approvals.signing.remote import Console
from core.errors import RefusedError
from proof import canonical, multisig
from proof.binary import b64
from proof.documents import ACT_PAYLOAD, DocumentError, parse_act
from proof.envelope import pae
from proof.keys import spki_id
from proof.signatures import namespace_of, ssh_sidecar


def sign_act(
    console: Console, key: SigningKey, kind: str, subject: str, particulars: Mapping[str, str]
) -> dict[str, Any]:
    """Take an act's bytes, check that they say what was asked for, sign them, hand them in; the console's answer.

    Raises:
        RemoteError: The console refused or did not answer.
        RefusedError: It handed out something else, or the key did not sign.
    """
    wanted = {"kind": kind, "subject": subject, "particulars": dict(particulars), "key_id": key.key_id}
    template = console.post("acts/templates/", wanted)
    data = str(template["statement"]).encode("utf-8")
    _require_asked(data, wanted)
    armored = keys.sign(key, namespace_of(ACT_PAYLOAD, data), pae(ACT_PAYLOAD, data))
    sidecar = ssh_sidecar(data, armored, key.key_id, ACT_PAYLOAD).decode("utf-8")
    return console.post("acts/", {"sidecar": sidecar})


def fetch_draft(console: Console, draft_id: int) -> tuple[dict[str, Any], bytes]:
    """A draft as the console tells it, and its exact bytes.

    Raises:
        RemoteError: The console refused or did not answer.
        RefusedError: The bytes are not those that it names.
    """
    told = console.get(f"registry/drafts/{draft_id}/")
    data = console.get_bytes(f"registry/drafts/{draft_id}/document/")
    if canonical.sha256(data) != told["sha256"]:
        detail = "The console sent other bytes than the draft names. Nothing was signed."
        raise RefusedError(detail)
    return told, data


def cosign(console: Console, told: Mapping[str, Any], data: bytes, key: SigningKey) -> dict[str, Any]:
    """Sign a draft's bytes with an SSH key, in the namespace of what they are.

    Raises:
        RemoteError: The console refused or did not answer.
        RefusedError: The key did not sign.
    """
    payload_type = str(told["payload_type"])
    armored = keys.sign(key, multisig.namespace_of(payload_type), pae(payload_type, data))
    return _hand_in(console, told, {"kind": "ssh", "key_id": key.key_id, "signature": armored})


def cosign_with_paper(console: Console, told: Mapping[str, Any], data: bytes, seed: bytes) -> dict[str, Any]:
    """Sign a draft's bytes with the recovery key; its words stay in this program.

    Raises:
        RemoteError: The console refused or did not answer.
    """
    private = recovery.private_of(seed)
    made = b64(private.sign(pae(str(told["payload_type"]), data)))
    signature = {"kind": "ed25519", "key_id": spki_id(private.public_key()), "signature": made}
    return _hand_in(console, told, signature)


def shown(data: bytes) -> str:
    """A document for reading: the same members, one a line."""
    return json.dumps(canonical.loads(data, max_bytes=4_000_000), indent=1, ensure_ascii=False, sort_keys=True)


def _hand_in(console: Console, told: Mapping[str, Any], signature: dict[str, str]) -> dict[str, Any]:
    return console.post(f"registry/drafts/{told['id']}/signatures/", {"signature": signature})


def _require_asked(data: bytes, wanted: Mapping[str, Any]) -> None:
    try:
        act = parse_act(data)
    except DocumentError as error:
        detail = f"What the console handed out is not an act: {error}"
        raise RefusedError(detail) from error
    said = {
        "kind": act.kind,
        "subject": act.subject,
        "particulars": {item.name: item.value for item in act.particulars},
        "key_id": act.key_id,
    }
    for name, value in wanted.items():
        if said[name] != value:
            detail = f"The console asks to sign something else than was asked for: {name} differs. Nothing was signed."
            raise RefusedError(detail)
