"""What a person on the executor's host asks and tells it: status, pins, and starting over after a loss."""

from typing import Any

from django.conf import settings

from agents.execution import high_water, index, pins, presence, state
from agents.execution.clocks import NAME as CLOCK
from agents.execution.high_water import NAME as LOG
from agents.execution.pins import Pins
from agents.models import Executor
from audit.models import Checkpoint, Entry
from audit.services.fetch import fetch
from core import clock
from core.errors import BadInputError, NotFoundError
from proof import canonical
from proof.documents import parse_entry
from proof.keys import key_id_of
from proof.words import six_words


def status() -> dict[str, Any]:
    """How it stands, JSON-ready."""
    mark, known = high_water.high_water(), pins.pins()
    row = Executor.objects.filter(pk=settings.AUDIENCE).first()
    newest = Checkpoint.objects.order_by("-size").first()
    alive = row is not None and row.until is not None and row.until > clock.now()
    return {
        "audience": settings.AUDIENCE,
        "state_folder": str(settings.STATE_DIR),
        "log": mark.origin,
        "read_up_to": mark.size,
        "newest_head": newest.size if newest is not None else 0,
        "root": key_id_of(known.root_public) if known.root_public else "",
        "registry": f"{known.registry_version} {known.registry_sha256}".strip(),
        "policy": f"{known.policy_version} {known.policy_sha256}".strip(),
        "executes": row.account if row is not None and alive else "nobody",
        "fencing": row.fencing if row is not None else 0,
        "trouble": row.trouble if row is not None else "",
    }


def pinned() -> list[str]:
    """What is trusted, as lines to compare with another screen."""
    known = pins.pins()
    if not known.root_public:
        return ["Nothing is pinned yet: the first registry that the log shows will be trusted."]
    root = key_id_of(known.root_public)
    lines = [f"root      {root}", f"          {' '.join(six_words(root))}"]
    if known.registry_sha256:
        lines.append(f"registry  {known.registry_version}  {known.registry_sha256}")
    if known.policy_sha256:
        lines.append(f"policy    {known.policy_version}  {known.policy_sha256}")
    return lines


def pin_by_hand(*, root_key_id: str = "", registry_sha256: str = "") -> None:
    """Trust a root, a registry, or both, from now on; the log is read again under it.

    Raises:
        TakenError: The executor is running; stop it first.
        NotFoundError: No registry that is kept here has that digest, or begins with that root.
        BadInputError: The registry is not of that root.
    """
    with presence.folder_locked():
        document = _registry(registry_sha256) if registry_sha256 else None
        root = _root_of(root_key_id) if root_key_id else pins.pins().root_public
        if document is not None and not root:
            root = str(document["root"]["keys"][0]["public"])
        pins.pin(
            Pins(
                root_public=root,
                registry_version=int(document["version"]) if document is not None else 0,
                registry_sha256=registry_sha256,
            )
        )
        index.forget()


def recover(*, really: bool, clock_too: bool) -> str:
    """Accept the log as it is now; what the executor used stays used. Returns what is, or would be, given up.

    Raises:
        TakenError: The executor is running; stop it first.
    """
    mark = high_water.high_water()
    newest = Checkpoint.objects.order_by("-size").first()
    size = newest.size if newest is not None else 0
    lost = f"records {size} to {mark.size - 1}" if size < mark.size else "no record by number"
    told = f"The executor saw {mark.size} records, the database holds {size}. Given up: {lost}."
    if not really:
        return f"{told} Add --yes to accept that."
    with presence.folder_locked():
        (state.state_dir() / LOG).unlink(missing_ok=True)
        if clock_too:
            (state.state_dir() / CLOCK).unlink(missing_ok=True)
        index.forget()
    return f"{told} It reads the log anew. Used changes stay used, and the pins stay."


def _registry(sha256: str) -> dict[str, Any]:
    found = canonical.loads(fetch(sha256), max_bytes=4_000_000)
    if not isinstance(found, dict) or "root" not in found:
        detail = f"The document {sha256[:12]} is not a registry."
        raise BadInputError(detail)
    return found


def _root_of(key_id: str) -> str:
    """The PEM of a root key, found in the log by its id, which is all that needs to be compared by hand."""
    for body in Entry.objects.filter(verb="registry.published").order_by("-pk").values_list("body", flat=True):
        digest = dict(parse_entry(bytes(body)).documents).get("registry", "")
        for key in _registry(digest)["root"]["keys"]:
            if key["key_id"] == key_id and key_id_of(str(key["public"])) == key_id:
                return str(key["public"])
    detail = f"No registry in the log has a root key {key_id[:16]}."
    raise NotFoundError(detail)
