"""`/keys/`: my keys, enrolling one, revoking one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from approvals.services.revoke_key import revoke_key
from console.pages.frame import actor_of, answer, page, person_of
from console.selectors import keyring


@page
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """The keys of whoever asks."""
    return answer(request, "keys", {"ring": keyring.read(person_of(request), actor_of(request))})


@page
@require_POST
def revocation(request: HttpRequest, key_id: str) -> HttpResponse:
    """Revoke one; what it signed before stays valid."""
    revoke_key(key_id, actor=actor_of(request), why="revoked on the page of keys")
    messages.success(request, "Revoked. It counts for nothing from this record on; what it signed before stays valid.")
    return redirect("keys-page")
