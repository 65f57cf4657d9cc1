"""The policy bundle: from a YAML file to signed bytes, and back to what is in force."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import yaml

from approvals import registry
from approvals.models import PolicyVersion
from approvals.policy import Rule, RulesError, parse_rules
from audit import ledger
from core import clock
from core.errors import BadInputError, NotFoundError, RefusedError
from proof import canonical
from proof.documents import POLICY, DocumentError, Policy, parse_policy
from proof.envelope import SignatureError
from proof.registry import verify_policy

SHIPPED: Final = Path(__file__).parent / "policies"
MAX_BYTES: Final = 1_000_000
EVERYWHERE: Final = "*"
REQUIRED: Final = frozenset(
    {"auto", "cool_down_s", "environment", "limits", "protected_targets", "rules", "unlisted", "windows"}
)
FIELDS: Final = REQUIRED | {
    "accepts",
    "budget",
    "deny",
    "device_bound",
    "ladder",
    "override",
    "require_cli",
    "solo",
    "standing",
    "witnesses",
}
"""What a policy's file may say; what it leaves out has the strictest value."""
REMEMBERED: Final = 8
_checked: set[tuple[int, str, str, str]] = set()

HEAD: Final = frozenset({"_type", "created_at", "version"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivePolicy:
    """The policy in force.

    Attributes:
        content: its bytes, `sha256` their digest, `signature` the signatures file's bytes.
        policy: the same, read; `rules` compiled.
    """

    version: int
    sha256: str
    content: bytes
    signature: bytes
    policy: Policy
    rules: tuple[Rule, ...]


def content_of(source: str | Path) -> dict[str, Any]:
    """A shipped policy by name, or one from a file, ready to become a document.

    Raises:
        NotFoundError: No policy of that name is shipped, or the file cannot be read.
        BadInputError: It is not a policy; the sentence says what is wrong.
    """
    path = source if isinstance(source, Path) else SHIPPED / f"{Path(source).name}.yaml"
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        names = ", ".join(sorted(found.stem for found in SHIPPED.glob("*.yaml")))
        detail = f"There is no policy {str(source)!r}. Name one that is shipped ({names}) or a file."
        raise NotFoundError(detail) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        detail = f"{path.name} is not YAML: {error}"
        raise BadInputError(detail) from error
    if not isinstance(content, dict) or not REQUIRED <= set(content) <= FIELDS:
        must, may = ", ".join(sorted(REQUIRED)), ", ".join(sorted(FIELDS - REQUIRED))
        detail = f"A policy has the fields {must}, and may have {may}."
        raise BadInputError(detail)
    return {**content, "rules": yaml.safe_dump(content["rules"], sort_keys=False, allow_unicode=True)}


def document_of(content: Mapping[str, Any], *, version: int, created_at: datetime) -> bytes:
    """The canonical bytes of a version of the policy.

    Raises:
        BadInputError: The rules do not compile, or the rest is not a policy.
    """
    document = {"_type": POLICY, "version": version, "created_at": clock.rfc3339(created_at), **content}
    try:
        data = canonical.dumps(document, max_bytes=MAX_BYTES)
        parse_rules(parse_policy(data).rules)
    except (RulesError, DocumentError, canonical.CanonicalError) as error:
        detail = f"This policy cannot be used: {error}"
        raise BadInputError(detail) from error
    return data


def draft_of(source: str | Path) -> Policy:
    """A policy as it would be, for seeing beforehand what it would do."""
    return parse_policy(document_of(content_of(source), version=1, created_at=clock.now()))


def audience_for(environment: str) -> str:
    """The executor that a policy for this environment lets the policy service speak to; none for all of them."""
    return "" if environment == EVERYWHERE else f"executor:{environment}"


def says_the_same(data: bytes, content: Mapping[str, Any]) -> bool:
    """Whether a policy's bytes say what `content` says, version and time aside."""
    return said_in(data) == dict(content)


def said_in(data: bytes) -> dict[str, Any]:
    """What a policy's bytes say, version and time aside."""
    stored = canonical.loads(data, max_bytes=MAX_BYTES)
    return {name: stored[name] for name in set(stored) - HEAD} if isinstance(stored, dict) else {}


def _require_signed(row: PolicyVersion, content: bytes, signature: bytes, policy: Policy) -> None:
    """Check a policy's signatures, once in each process for the same bytes under the same head of the registry."""
    seen = (row.version, row.sha256, canonical.sha256(signature), registry.current().sha256)
    if seen in _checked:
        return
    verify_policy(content, signature, [registry.when_activated(row)], created_at=policy.created_at)
    if len(_checked) >= REMEMBERED:
        _checked.clear()
    _checked.add(seen)


def in_force() -> ActivePolicy:
    """The policy in force, its signature checked; the row only says where the bytes are.

    Raises:
        NotFoundError: None was ever activated.
        RefusedError: The root that was in force when it took effect did not sign it, or not enough of its members.
    """
    row = PolicyVersion.objects.order_by("-version").first()
    if row is None:
        detail = "No policy is in force. Run ./manage.py prepare."
        raise NotFoundError(detail)
    content, signature = ledger.fetch(row.sha256), ledger.fetch(row.signature_sha256)
    try:
        policy = parse_policy(content)
        _require_signed(row, content, signature, policy)
    except (SignatureError, DocumentError) as error:
        detail = f"Policy {row.version} is not signed by the registry's root: {error}"
        raise RefusedError(detail, sha256=row.sha256) from error
    if policy.version != row.version:
        detail = f"Policy {policy.version} stands in the row of {row.version}. Going back is a new version."
        raise RefusedError(detail, sha256=row.sha256)
    return ActivePolicy(
        version=policy.version,
        sha256=row.sha256,
        content=content,
        signature=signature,
        policy=policy,
        rules=parse_rules(policy.rules),
    )
