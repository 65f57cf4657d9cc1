"""The cast, their keys, a registry and the lab's policy."""

import pytest

from approvals.services.activate_policy import activate_policy
from approvals.services.ensure_registry import ensure_registry
from core.actors import SYSTEM, Role
from people.services.add_person import add_person
from tests.approvals.cast import Cast, member


@pytest.fixture
def cast(db) -> Cast:
    """Ada operates, Ben, Cleo and Eve approve, Dan manages, Mallory is nobody; a key each, in the signed registry."""
    roles = {
        "ada": [Role.OPERATOR],
        "ben": [Role.APPROVER, Role.OPERATOR],
        "cleo": [Role.APPROVER],
        "eve": [Role.APPROVER],
        "dan": [Role.MANAGER],
        "oda": [Role.ADMIN, Role.APPROVER],
        "mallory": [],
    }
    for handle, held in roles.items():
        add_person(handle, handle.title(), held, actor=SYSTEM)
    ensure_registry(actor=SYSTEM)
    activate_policy("lab", actor=SYSTEM)
    return Cast(**{handle: member(handle) for handle in roles})


@pytest.fixture(autouse=True)
def unguarded(settings):
    """No services are in the catalogue here; what the safeguards say is tried where the agents are."""
    settings.CHANGE_GUARD = "tests.approvals.plans.nothing_against"
