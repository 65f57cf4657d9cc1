"""What this installation can promise, computed from how it is set up; nobody writes it by hand (H5).

The facts go into the ledger and every export; the sentences are what pages and the terminal say of them, in one place.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings

from approvals import registry
from approvals.origins import signing_url
from audit import keystore, witnesses
from core.errors import NotFoundError, RefusedError
from people.models import Person
from proof.registry import Registry

Facts = Mapping[str, Any]

SIGNERS: Final = ("root", "policy", "log", "executor")
LOCAL: Final = "Local mode."
NOT_WITHOUT: Final = (
    "Signatures are checked against the exact change, but whoever controls this account can act without them, "
    "rewrite the record and sign it again."
)
INSTALLATION: Final = "installation"


def facts() -> dict[str, Any]:
    """The facts that the ledger states at each start and every export carries.

    What a process can read it can use: an executor whose key this account reads is in-process, wherever it runs, and a
    witness on this host is none. Where something cannot be told from here, its weakest form is.
    """
    here = [name for name in SIGNERS if keystore.exists(name)]
    apart = not settings.EMBEDDED and "executor" not in here
    return {
        "executor": "separate" if apart else "in-process",
        "signers": f"{len(here)} of {len(SIGNERS)} service keys on this host",
        "witnesses": witnesses.outside(),
        "registry": _registry(),
        "people": "demo" if Person.objects.filter(is_demo=True).exists() else "vouched",
        "clock": "own",
        "signing": "shared" if signing_url() == settings.PUBLIC_URL else "own-origin",
        "mode": "embedded" if settings.EMBEDDED else "production",
    }


def sentences(known: Facts | None = None) -> tuple[str, ...]:
    """What follows from the facts for whoever reads a page, weakest first; empty where nothing is weak."""
    told = facts() if known is None else known
    return (*_about_keys(told), *_about_others(told))


def strengths(known: Facts | None = None) -> tuple[tuple[str, str], ...]:
    """The same facts in two or three words each, for the one grey line of production."""
    told = facts() if known is None else known
    count = int(told["witnesses"])
    return (
        ("Executor", "apart" if told["executor"] == "separate" else "in the workers"),
        ("Registry", {"threshold": "by threshold", "single": "by one person"}.get(str(told["registry"]), "first use")),
        ("Witnesses", str(count) if count else "none"),
        ("Signing", "on its own address" if told["signing"] == "own-origin" else "on this address"),
        ("Clock", "this machine's"),
    )


def _about_keys(told: Facts) -> list[str]:
    if told["mode"] == "embedded":
        return [
            LOCAL,
            "One program on this computer holds every service key.",
            NOT_WITHOUT,
        ]
    if told["executor"] == "in-process":
        return [
            "The executor's key can be read by the account that serves this page.",
            "Signatures are checked against the exact change, but whoever controls this account can act without them.",
        ]
    return []


def _about_others(told: Facts) -> list[str]:
    said = []
    if told["people"] == "demo":
        said.append("Demo people: one person can hold all these keys.")
    if told["mode"] != "embedded":
        if told["registry"] == "first-use":
            said.append("This installation's own key signs who may sign: the registry was trusted on first use.")
        elif told["registry"] == "single":
            said.append("One person signs who may sign.")
        if told["signing"] == "shared":
            said.append("Signing shares this address: a page that somebody took over could aim a passkey.")
    if not told["witnesses"]:
        said.append("No outside witness.")
    return said


def _registry() -> str:
    try:
        found = registry.current()
    except (NotFoundError, RefusedError):  # there is none yet, or it does not hold: nothing better can be said
        return "first-use"
    return kind_of_root(found)


def kind_of_root(found: Registry) -> str:
    """`first-use` while a key of this computer is in the root, `single` while one signature is enough, `threshold`."""
    if any(key.kind == INSTALLATION for key in found.root.keys):
        return "first-use"
    return "threshold" if found.root.threshold > 1 else "single"
