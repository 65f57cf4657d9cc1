"""The signed registry of people's keys, as this installation holds it. Rows only say where the bytes are."""

from typing import Any, Final, cast

from approvals.models import PolicyVersion, RegistryVersion
from audit import keystore, ledger
from audit.models import Entry
from core.errors import NotFoundError, RefusedError
from proof import canonical
from proof.documents import parse_entry
from proof.keys import key_id_of
from proof.registry import Registry, RegistryError, epochs, parse_chain

MAX_BYTES: Final = 4_000_000
REMEMBERED: Final = 8

_checked: dict[tuple[str, str, str | None], tuple[Registry, ...]] = {}


def chain() -> list[tuple[bytes, bytes]]:
    """All versions, oldest first: document and signatures file, re-hashed."""
    rows = RegistryVersion.objects.order_by("version")
    return [(ledger.fetch(row.sha256), ledger.fetch(row.signature_sha256)) for row in rows]


def current() -> Registry:
    """The registry in force, every signature of its chain checked; raises as `versions` does."""
    return versions()[-1]


def versions() -> tuple[Registry, ...]:
    """All versions of the registry that the root in force vouches for, oldest first, every signature checked.

    A chain is checked once in each process: its head names all that came before by digest, so that the same head,
    re-hashed, under the same root is the same registry.

    Raises:
        NotFoundError: There is none yet.
        RefusedError: The chain does not hold.
    """
    head = RegistryVersion.objects.order_by("-version").first()
    if head is None:
        detail = "There is no key registry yet. Run ./manage.py prepare."
        raise NotFoundError(detail)
    root = _pinned()
    key = (canonical.sha256(ledger.fetch(head.sha256)), canonical.sha256(ledger.fetch(head.signature_sha256)), root)
    if key not in _checked:
        found = _check(root)
        if len(_checked) >= REMEMBERED:
            _checked.clear()
        _checked[key] = found
    return _checked[key]


def _check(root: str | None) -> tuple[Registry, ...]:
    try:
        return parse_chain(chain(), root_public=root)
    except RegistryError as error:
        detail = f"The key registry does not hold: {error} No signature can be checked until it is restored."
        raise RefusedError(detail) from error


def read(document: bytes) -> dict[str, Any]:
    """A registry document as plain values, for the next one to start from."""
    return cast("dict[str, Any]", canonical.loads(document, max_bytes=MAX_BYTES))


def when_activated(policy: PolicyVersion) -> Registry:
    """The version of the registry in force where the ledger says that a policy took effect.

    The ledger's order decides, not the time that a policy names itself: a root that has handed over signs no more,
    however its policy is dated. Without such an entry that is the newest version.
    """
    entries = Entry.objects.filter(verb="policy.activated", subject=f"policy:{policy.version}").select_related("leaf")
    own = sorted((_place(entry) for entry in entries if _names(entry, "policy", policy.sha256)), key=_order)
    found = versions()
    if not own:
        return found[-1]
    published = Entry.objects.filter(verb="registry.published").select_related("leaf").order_by("pk")
    before = [entry for entry in published if _order(_place(entry)) < _order(own[0])]
    digests = {dict(parse_entry(bytes(entry.body)).documents).get("registry", "") for entry in before}
    return next((version for version in reversed(found) if version.sha256 in digests), found[0])


def _place(entry: Entry) -> tuple[int | None, int]:
    """Where an entry stands: its sequence number if it has one yet, and its row's number."""
    leaf = getattr(entry, "leaf", None)
    return (None if leaf is None else leaf.seq), entry.pk


def _order(place: tuple[int | None, int]) -> tuple[bool, int]:
    """Those that have no place in the tree yet come last, as they were written."""
    seq, row = place
    return (seq is None, row if seq is None else seq)


def _names(entry: Entry, name: str, digest: str) -> bool:
    return dict(parse_entry(bytes(entry.body)).documents).get(name) == digest


def epoch_chain() -> list[tuple[bytes, bytes]]:
    """The versions of the epoch in force, oldest first; those before it stand under their own root."""
    return epochs(chain())[-1]


def root_public() -> str:
    """The key that the epoch began with, as others pin it: this host's own where it lies here, else the registry's."""
    return _pinned() or current().root_public


def root_name(epoch: int) -> str:
    """What the installation's root key of an epoch is called in the keystore."""
    return "root" if epoch == 1 else f"root-{epoch}"


def key_id_of_root(name: str) -> str:
    """The id of an installation key that lies here."""
    return key_id_of(keystore.public_pem(name))


def _pinned() -> str | None:
    """The root on this host of the newest epoch that there is, by its file; None where none lies here.

    A key that was made for an epoch which then was not founded, since the computer stopped in between, pins nothing.
    """
    epoch = 1
    while keystore.exists(root_name(epoch + 1)):
        epoch += 1
    if epoch > 1:
        head = RegistryVersion.objects.order_by("-version").first()
        epoch = min(epoch, int(read(ledger.fetch(head.sha256))["epoch"])) if head else 1
    name = root_name(epoch)
    return keystore.public_pem(name) if keystore.exists(name) else None
