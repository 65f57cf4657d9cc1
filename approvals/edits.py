"""What a next version of the registry says otherwise, as data: a draft that had to wait is built anew from it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from core.errors import BadInputError, NotFoundError, RefusedError

Document = dict[str, Any]
Edit = dict[str, Any]
MOST_KEYS: Final = 20


def apply(document: Document, edit: Mapping[str, Any]) -> None:
    """Change a registry document in place.

    Raises:
        RefusedError: It can no longer be done.
        NotFoundError: What it is about is not listed.
        BadInputError: There is no such edit.
    """
    if edit.get("op") not in _OPS:
        detail = f"There is no edit {edit.get('op')!r} of the registry."
        raise BadInputError(detail)
    _OPS[edit["op"]](document, edit)


def person(person_id: str, *, demo: bool, roles: list[str], team: str, expires_at: str) -> Edit:
    """List a person, or say anew what they may; somebody who is listed keeps their groups and their end."""
    return {
        "op": "person",
        "person_id": person_id,
        "demo": demo,
        "roles": sorted(roles),
        "team": team,
        "expires_at": expires_at,
    }


def key(person_id: str, entry: Document, *, label: str, how: str, sign_count: int = 0) -> Edit:
    """List a key for a person who is listed; `how` says by what right it is theirs."""
    return {"op": "key", "person_id": person_id, "key": entry, "label": label, "how": how, "sign_count": sign_count}


def revoke(key_id: str, *, revoked_at: str, since: int = -1, reason: str = "") -> Edit:
    """Say that a key counts no more."""
    return {"op": "revoke", "key_id": key_id, "revoked_at": revoked_at, "since": since, "reason": reason}


def renew(person_id: str, expires_at: str) -> Edit:
    """Let a person's entry stand for longer."""
    return {"op": "renew", "person_id": person_id, "expires_at": expires_at}


def groups(person_id: str, names: list[str]) -> Edit:
    """Say in which groups a person is."""
    return {"op": "groups", "person_id": person_id, "groups": sorted(set(names))}


def same(person_id: str, same_as: str) -> Edit:
    """Say that two entries are one human being."""
    return {"op": "same", "person_id": person_id, "same_as": same_as}


def leave(person_id: str) -> Edit:
    """Take all rights from somebody who has left."""
    return {"op": "leave", "person_id": person_id}


def party(rp_id: str, origins: list[str], *, moved: bool = False) -> Edit:
    """Name the site that passkeys are made for; `moved` lets those of the same name work at its new port too."""
    return {"op": "party", "rp_id": rp_id, "origins": origins, "moved": moved}


def audience(name: str) -> Edit:
    """Bind the policy service's key to one executor, or to none."""
    return {"op": "audience", "audience": name}


def root(threshold: int, *, recovery: str = "", recovery_key_id: str = "") -> Edit:
    """Hand the root to the key-admins, and the recovery key if there is one."""
    return {"op": "root", "threshold": threshold, "recovery": recovery, "recovery_key_id": recovery_key_id}


def witnesses(required: int, keys: list[str]) -> Edit:
    """Name the log's witnesses, and how many of them a bundle needs."""
    return {"op": "witnesses", "required": required, "keys": sorted(keys)}


def keys_in(document: Document) -> dict[str, tuple[str, Document]]:
    """Every key of every person: key id to person id and entry."""
    return {found["key_id"]: (one["person_id"], found) for one in document["persons"] for found in one["keys"]}


def entry_of(document: Document, person_id: str) -> Document:
    """A person's entry.

    Raises:
        NotFoundError: They are not listed.
    """
    found = next((one for one in document["persons"] if one["person_id"] == person_id), None)
    if found is None:
        detail = "The signed registry does not list this person."
        raise NotFoundError(detail, person_id=person_id)
    return found  # type: ignore[no-any-return]  # a JSON object


def refuse_twin(person_id: str, key_id: str, credential_id: str, known: Mapping[str, tuple[str | None, str]]) -> None:
    """Refuse a key that is listed already, also if it was revoked.

    Args:
        person_id: whose it would be.
        key_id: the new key's.
        credential_id: the same, of a passkey; else empty.
        known: key id to whose it is and its credential.

    Raises:
        RefusedError: It is.
    """
    same = [owner for known_id, (owner, _) in known.items() if known_id == key_id]
    same += [owner for owner, credential in known.values() if credential_id and credential == credential_id]
    if not same:
        return
    detail = "This key is already enrolled by you, or was. Use another one."
    if any(owner != person_id for owner in same):
        detail = (
            "This key is already listed under another person. One key, one person: the registry would be invalid. "
            "Nothing was changed."
        )
    raise RefusedError(detail, key_id=key_id)


def _person(document: Document, edit: Mapping[str, Any]) -> None:
    try:
        found = entry_of(document, edit["person_id"])
    except NotFoundError:
        found = {"person_id": edit["person_id"], "groups": [], "same_as": "", "keys": []}
        found["expires_at"] = edit["expires_at"]
        document["persons"].append(found)
        document["persons"].sort(key=lambda one: str(one["person_id"]))
    found.update(demo=edit["demo"], roles=list(edit["roles"]), team=edit["team"])


def _key(document: Document, edit: Mapping[str, Any]) -> None:
    new = edit["key"]
    known = {key_id: (owner, str(found["credential_id"])) for key_id, (owner, found) in keys_in(document).items()}
    refuse_twin(edit["person_id"], new["key_id"], new["credential_id"], known)
    entry = entry_of(document, edit["person_id"])
    if len(entry["keys"]) >= MOST_KEYS:
        detail = f"{MOST_KEYS} keys are enough for one person."
        raise RefusedError(detail)
    entry["keys"].append({**new, "enrolled_at": document["created_at"]})


def _revoke(document: Document, edit: Mapping[str, Any]) -> None:
    known = keys_in(document)
    if edit["key_id"] not in known:
        detail = f"The signed registry has no key {edit['key_id'][:12]}."
        raise NotFoundError(detail)
    entry = known[edit["key_id"]][1]
    entry["revoked_at"] = entry["revoked_at"] or edit["revoked_at"]
    entry["compromised_since"] = max(entry["compromised_since"], edit["since"])


def _renew(document: Document, edit: Mapping[str, Any]) -> None:
    entry_of(document, edit["person_id"])["expires_at"] = edit["expires_at"]


def _groups(document: Document, edit: Mapping[str, Any]) -> None:
    entry_of(document, edit["person_id"])["groups"] = list(edit["groups"])


def _same(document: Document, edit: Mapping[str, Any]) -> None:
    entry_of(document, edit["same_as"] or edit["person_id"])
    entry_of(document, edit["person_id"])["same_as"] = edit["same_as"]


def _leave(document: Document, edit: Mapping[str, Any]) -> None:
    entry = entry_of(document, edit["person_id"])
    entry.update(roles=[], groups=[])
    for found in entry["keys"]:
        found["revoked_at"] = found["revoked_at"] or document["created_at"]


def _party(document: Document, edit: Mapping[str, Any]) -> None:
    document["rp"] = {"rp_id": edit["rp_id"], "origins": list(edit["origins"])}
    if not edit["moved"]:
        return
    for _, found in keys_in(document).values():
        if found["rp_id"] == edit["rp_id"] and not found["revoked_at"]:
            found["origins"] = sorted({*found["origins"], *edit["origins"]})


def _audience(document: Document, edit: Mapping[str, Any]) -> None:
    for service in document["services"]:
        if service["name"] == "policy":
            service["audience"] = edit["audience"]


def _root(document: Document, edit: Mapping[str, Any]) -> None:
    kept = [] if edit["recovery"] else [one for one in document["root"]["keys"] if one["kind"] == "recovery"]
    if edit["recovery"]:
        recovery = {"key_id": edit["recovery_key_id"], "public": edit["recovery"], "kind": "recovery", "person_id": ""}
        kept = [recovery]
    document["root"] = {"threshold": edit["threshold"], "keys": [*_key_admins_keys(document), *kept]}


def _witnesses(document: Document, edit: Mapping[str, Any]) -> None:
    document["witnesses"] = {"required": edit["required"], "keys": list(edit["keys"])}


def root_in_step(document: Document) -> None:
    """Let a root of people be the key-admins with the keys that they have now; a first root stays as it is.

    The root is theirs by role, so that whoever is listed as a key-admin signs, and whoever no longer is does not.
    """
    held = document["root"]["keys"]
    if all(one["kind"] == "installation" for one in held):
        return
    document["root"]["keys"] = [*_key_admins_keys(document), *(one for one in held if one["kind"] == "recovery")]


def _key_admins_keys(document: Document) -> list[Document]:
    return [
        {"key_id": found["key_id"], "public": found["public"], "kind": "person", "person_id": one["person_id"]}
        for one in document["persons"]
        if "key-admin" in one["roles"]
        for found in one["keys"]
        if not found["revoked_at"]
    ]


_OPS: Final[dict[str, Callable[[Document, Mapping[str, Any]], None]]] = {
    "audience": _audience,
    "groups": _groups,
    "key": _key,
    "leave": _leave,
    "party": _party,
    "person": _person,
    "renew": _renew,
    "revoke": _revoke,
    "root": _root,
    "same": _same,
    "witnesses": _witnesses,
}
