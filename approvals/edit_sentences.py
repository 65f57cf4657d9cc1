"""What a draft will make the registry say, in sentences: co-signers read these, and the exact bytes beside them."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from approvals.act_sentences import person
from approvals.models import PersonKey

HOW: Final = {
    "first": "a first key; nobody's signature stands behind it but yours",
    "lost": "without a signature by an older key of theirs; ask them in person",
    "invited": "with a code that a key-admin or the host handed out",
    "own-key": "an older key of theirs signed for it",
    "ssh-file-on-host": "on the word of whoever runs commands on this computer",
}


def headline(edits: list[dict[str, Any]]) -> str:
    """The edit that a draft is about: the last one, since listing a person comes before listing their key."""
    return sentence(edits[-1]) if edits else "A new policy"


def sentence(edit: Mapping[str, Any]) -> str:
    """One edit, as what the registry will say."""
    return _SENTENCES[edit["op"]](edit)


def attestation(edit: Mapping[str, Any]) -> str:
    """What whoever co-signs this edit vouches for, beyond what it says; empty for nothing."""
    if edit["op"] == "key":
        right = next((text for name, text in HOW.items() if str(edit["how"]).endswith(name)), "")
        who = person(edit["person_id"])
        return f"I saw {who} and know that this key is theirs, a human not already listed under another name; {right}."
    if edit["op"] == "renew":
        return "One human, who is still here; no other entry is the same human."
    if edit["op"] == "root":
        return (
            "From then on only these people together change the registry and the policy. No key of this computer can."
        )
    return ""


def _person(edit: Mapping[str, Any]) -> str:
    roles = ", ".join(edit["roles"]) or "no role"
    team = f", team {edit['team']}" if edit["team"] else ""
    return f"{person(edit['person_id'])} is listed with {roles}{team}"


def _key(edit: Mapping[str, Any]) -> str:
    return f"{edit['label']} of {person(edit['person_id'])} ({edit['key']['class']}, {edit['key']['key_id'][:16]})"


def _revoke(edit: Mapping[str, Any]) -> str:
    row = PersonKey.objects.filter(pk=edit["key_id"]).first()
    what = f"{row.label} of {person(row.person_id)}" if row else f"The key {edit['key_id'][:16]}"
    return f"{what} counts no more"


def _renew(edit: Mapping[str, Any]) -> str:
    return f"{person(edit['person_id'])} stays listed until {edit['expires_at'][:10]}"


def _groups(edit: Mapping[str, Any]) -> str:
    return f"{person(edit['person_id'])} is in {', '.join(edit['groups']) or 'no group'}"


def _same(edit: Mapping[str, Any]) -> str:
    if not edit["same_as"]:
        return f"{person(edit['person_id'])} counts as a person of their own"
    return f"{person(edit['person_id'])} and {person(edit['same_as'])} are one human being, with one vote"


def _leave(edit: Mapping[str, Any]) -> str:
    return f"{person(edit['person_id'])} has left: no roles, no groups, no keys"


def _party(edit: Mapping[str, Any]) -> str:
    where = ", ".join(edit["origins"]) or "nowhere"
    return f"Passkeys are made for {where}. Those made elsewhere stay bound to where they were made"


def _audience(edit: Mapping[str, Any]) -> str:
    return f"The policy service may speak to {edit['audience'] or 'no executor'}"


def _root(edit: Mapping[str, Any]) -> str:
    recovery = " or the recovery key" if edit["recovery"] else ""
    who = f"{edit['threshold']} of the key-admins{recovery}"
    return f"The registry and the policy are signed by {who}, no longer by this computer"


def _witnesses(edit: Mapping[str, Any]) -> str:
    names = sorted({key.partition("+")[0] for key in edit["keys"]})
    who = f"The log is watched by {', '.join(names)}" if names else "Nobody outside watches the log"
    return f"{who}; an export needs the signatures of {edit['required']} of them"


_SENTENCES: Final[dict[str, Callable[[Mapping[str, Any]], str]]] = {
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
