"""What follows once the registry says something new: the rows that the pages read, and the entries that tell of it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from approvals.models import Enrolment, EnrolmentState, PersonKey, RegistryVersion
from audit import ledger
from people.models import Person


def follow(edit: Mapping[str, Any], version: RegistryVersion, *, asked_by: str) -> None:
    """Bring rows in step with one edit of a registry that was just published."""
    after = _AFTER.get(edit["op"])
    if after is not None:
        after(edit, version, asked_by)


def _key(edit: Mapping[str, Any], version: RegistryVersion, asked_by: str) -> None:
    new = edit["key"]
    PersonKey.objects.create(
        key_id=new["key_id"],
        person_id=edit["person_id"],
        key_class=new["class"],
        label=edit["label"],
        public=new["public"],
        credential_id=new["credential_id"],
        origin=new["origins"][0] if new["origins"] else "",
        backup_eligible=new["backup_eligible"],
        sign_count=edit.get("sign_count", 0),
        enrolled_at=version.created_at,
        registry_version=version.version,
    )
    Enrolment.objects.filter(key_id=new["key_id"], state=EnrolmentState.DRAFTED).update(state=EnrolmentState.LISTED)
    person = Person.objects.filter(pk=edit["person_id"]).first()
    ledger.append(
        actor=asked_by,
        verb="key.enrolled",
        subject=f"key:{new['key_id']}",
        about=[f"person:{edit['person_id']}"],
        facts={
            "label": edit["label"],
            "class": new["class"],
            "how": edit["how"],
            "registry": version.version,
            "handle": person.handle if person else "",
        },
        documents={"registry": version.sha256},
    )


def _revoke(edit: Mapping[str, Any], version: RegistryVersion, asked_by: str) -> None:
    changed = PersonKey.objects.filter(pk=edit["key_id"], revoked_at=None).update(revoked_at=version.created_at)
    row = PersonKey.objects.filter(pk=edit["key_id"]).first()
    if not changed or row is None:
        return
    ledger.append(
        actor=asked_by,
        verb="key.revoked",
        subject=f"key:{row.key_id}",
        about=[f"person:{row.person_id}"],
        facts={"label": row.label, "why": edit["reason"], "registry": version.version},
        documents={"registry": version.sha256},
    )


def _leave(edit: Mapping[str, Any], version: RegistryVersion, _asked_by: str) -> None:
    PersonKey.objects.filter(person_id=edit["person_id"], revoked_at=None).update(revoked_at=version.created_at)


_AFTER: Final[dict[str, Callable[[Mapping[str, Any], RegistryVersion, str], None]]] = {
    "key": _key,
    "leave": _leave,
    "revoke": _revoke,
}
