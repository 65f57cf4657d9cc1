"""Whose word counts: the registry under the pinned root, the policy that its root signed, the log that it names."""

from collections.abc import Sequence

from agents.execution.index import Index
from agents.execution.pins import pins
from audit.models import Checkpoint
from proof import canonical
from proof.documents import DocumentError, Policy, parse_policy
from proof.envelope import SignatureError
from proof.note import NoteError, VerifierKey, parse_verifier_key
from proof.registry import Registry, RegistryError, parse_chain, verify_policy

REMEMBERED = 8
_checked: dict[tuple[str, ...], tuple[Registry, ...]] = {}


class UntrustedError(ValueError):
    """It does not stand on what is pinned."""


def versions(chain: Sequence[tuple[bytes, bytes]]) -> tuple[Registry, ...]:
    """All versions of a chain that stands on the pinned root; each chain is checked once in each process.

    Raises:
        UntrustedError: It does not.
    """
    root = pins().root_public
    key = (root, *(canonical.sha256(part) for pair in chain for part in pair))
    if key not in _checked:
        try:
            found = parse_chain(chain, root_public=root or None)
        except RegistryError as error:
            raise UntrustedError(str(error)) from error
        if len(_checked) >= REMEMBERED:
            _checked.clear()
        _checked[key] = found
    return _checked[key]


def registries_at(index: Index, *, below: int = 2**62) -> tuple[Registry, ...]:
    """The versions of the registry up to a place of the log, oldest first; none before the first.

    Raises:
        UntrustedError: What the index holds does not stand on the pinned root any more.
    """
    found = index.versions("registry", below=below)
    return versions([(one.content, one.signature) for one in found]) if found else ()


def policy(registries: Sequence[Registry], content: bytes, signatures: bytes) -> Policy:
    """A policy that the root signed which was in force where the log says that it took effect.

    The log's order decides, not the time that the policy names itself: a root that has handed over signs no more,
    however its policy is dated.

    Args:
        registries: the versions published before that place.
        content: the bundle's bytes.
        signatures: its signatures file.

    Raises:
        UntrustedError: It did not.
    """
    try:
        found = parse_policy(content)
        verify_policy(content, signatures, registries[-1:], created_at=found.created_at)
    except (SignatureError, DocumentError) as error:
        raise UntrustedError(str(error)) from error
    return found


def log_keys(registry: Registry) -> tuple[VerifierKey, ...]:
    """The keys by which the log's heads are checked, its own and its witnesses'.

    Raises:
        UntrustedError: The registry names none, or something that is no key.
    """
    try:
        own = tuple(parse_verifier_key(text) for text in registry.log_keys)
        witnesses = tuple(parse_verifier_key(text) for text in registry.witness_keys)
    except NoteError as error:
        raise UntrustedError(str(error)) from error
    if not own:
        msg = "The registry names no log."
        raise UntrustedError(msg)
    return own + witnesses


def cosigned(head: Checkpoint) -> str:
    """A signed head with the lines of the witnesses that are kept here; rows add lines, keys decide which count."""
    return head.note + "".join(head.cosignatures.order_by("pk").values_list("line", flat=True))
