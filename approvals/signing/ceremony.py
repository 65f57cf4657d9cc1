"""The ceremony: what is fetched is checked here, what is signed is what was shown, and nothing else."""

from dataclasses import dataclass
from typing import Any, Final

from approvals import statements
from approvals.signing import keys
from approvals.signing.keys import SigningKey
from approvals.signing.remote import Console
from core.errors import RefusedError
from proof import canonical
from proof.documents import DECISION_NAMESPACE, Change, DocumentError, parse_change
from proof.envelope import PAYLOAD_TYPE, pae
from proof.render import render
from proof.signatures import ssh_sidecar
from proof.words import six_words

SECTIONS: Final = ("text",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A change as this program read it: bytes, digest and text all made here.

    Attributes:
        request: what the console says about the request; for showing only.
    """

    request_id: int
    content: bytes
    digest: str
    change: Change
    text: str
    request: dict[str, Any]

    @property
    def words(self) -> str:
        """The six words of the digest, to compare with another screen."""
        return " ".join(six_words(self.digest))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to say about a change.

    Attributes:
        delegation: digest of the signed act that lends them the right to sign; empty for their own right.
    """

    decision: str
    comment: str = ""
    delegation: str = ""


def show(console: Console, request_id: int) -> Shown:
    """Fetch the change behind a request and render it here.

    Raises:
        RemoteError: The console refused or did not answer.
        RefusedError: The bytes are not those that the request names.
    """
    request = console.get(f"approval-requests/{request_id}/")
    content = console.get_bytes(f"changes/{request['change']}/")
    digest = canonical.sha256(content)
    if digest != request["change"]:
        detail = f"The console sent other bytes ({digest[:12]}) than the request names ({str(request['change'])[:12]})."
        raise RefusedError(detail)
    try:
        change, text = parse_change(content), render(content)
    except DocumentError as error:
        detail = f"What the console sent is not a change: {error}"
        raise RefusedError(detail) from error
    return Shown(request_id=request_id, content=content, digest=digest, change=change, text=text, request=request)


def decide(console: Console, shown: Shown, key: SigningKey, wish: Wish, *, viewed_ms: int) -> dict[str, Any]:
    """Take a statement, check that it is about what was shown, sign it, hand it in; returns the console's answer.

    Raises:
        RemoteError: The console refused or did not answer.
        RefusedError: The statement is about something else, or the key did not sign.
    """
    path = f"approval-requests/{shown.request_id}"
    wanted = {"decision": wish.decision, "key_id": key.key_id, "delegation": wish.delegation}
    template = console.post(f"{path}/statements/", wanted)
    statement = str(template["statement"]).encode("utf-8")
    _require_about(statement, shown, key, wish)
    signed = statements.filled_in(
        statement,
        viewed_ms=viewed_ms,
        sections_seen=list(SECTIONS),
        comment_commitment=statements.commitment(bytes.fromhex(template["comment_salt"]), wish.comment),
    )
    armored = keys.sign(key, DECISION_NAMESPACE, pae(PAYLOAD_TYPE, signed))
    sidecar = ssh_sidecar(signed, armored, key.key_id).decode("utf-8")
    return console.post(f"{path}/decisions/", {"sidecar": sidecar, "comment": wish.comment})


def _require_about(data: bytes, shown: Shown, key: SigningKey, wish: Wish) -> None:
    """Every member that says what is decided must be what this program read and was asked to do."""
    said, change = statements.read(data), shown.change
    wanted = {
        "change_sha256": shown.digest,
        "subject_name": f"change/{change.id}@{change.version}",
        "decision": wish.decision,
        "delegation": wish.delegation,
        "key_id": key.key_id,
        "request": shown.request_id,
        "audience": change.audience,
        "policy_sha256": change.policy_sha256,
        "tier_seen": change.tier,
        "render_sha256": canonical.sha256(shown.text.encode("utf-8")),
        "comment_commitment": "",
        "is_automatic": False,
        "is_override": False,
    }
    for name, value in wanted.items():
        if getattr(said, name) != value:
            detail = f"The console asks to sign something else than it showed: {name} differs. Nothing was signed."
            raise RefusedError(detail)
