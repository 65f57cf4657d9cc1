"""One draft as a page: what it will say, who has signed, whether whoever reads it may."""

from typing import Any

from approvals import ceremonies, drafting, registry
from approvals.models import Draft, PersonKey
from approvals.permissions import grants
from core.actors import Actor
from core.permissions import Permission
from people.models import Person
from people.selectors import names


def read(draft: Draft, person: Person, actor: Actor) -> dict[str, Any]:
    """What the page of a draft needs."""
    found = ceremonies.ceremony(draft)
    people = names(found.may)
    me = registry.current().canonical_person(person.pk)
    may_sign = me in found.may and grants.allow(Permission.REGISTRY_SIGN, actor)
    ids = {key.key_id for key in drafting.progress(draft).keys} if found.is_open else set()
    own = PersonKey.objects.filter(person_id=person.pk, key_id__in=ids, key_class="webauthn", revoked_at=None)
    return {
        "found": found,
        "difference": ceremonies.difference(draft),
        "missing": sorted(people[one].name if one in people else one for one in found.may),
        "may_sign": may_sign,
        "may_edit": grants.allow(Permission.REGISTRY_EDIT, actor),
        "why_not": _why_not(found, me),
        "passkeys": list(own),
    }


def _why_not(found: ceremonies.Ceremony, me: str) -> str:
    if any(one.person_id == me for one in found.signed):
        return "You have signed this. It takes other people now."
    return "Only members of the root sign this: the key-admins whose keys it names."
