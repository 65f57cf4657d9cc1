"""Passkeys for signing in: come in with one, confirm with one, add one, remove one."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from console import ceremonies, sessions
from console.ceremonies import ENROL, SIGN_IN, STEP_UP
from console.pages.frame import actor_of, page, person_of
from console.stepup import inside, stepped_up
from core import clock
from people import sign_in_keys
from people.services.add_sign_in_passkey import add_sign_in_passkey
from people.services.remove_sign_in_passkey import remove_sign_in_passkey
from people.services.sign_in_by_passkey import confirm_by_passkey, sign_in_by_passkey


@never_cache
@require_POST
def sign_in_options(request: HttpRequest) -> JsonResponse:
    """What the browser needs to look for a passkey; it names nobody, so it tells nobody who has one."""
    challenge = ceremonies.hand_out(request, SIGN_IN)
    return JsonResponse(sign_in_keys.request_options(ceremonies.here(), challenge))


@never_cache
@require_POST
def sign_in(request: HttpRequest) -> JsonResponse:
    """Let in whose passkey answered."""
    told = ceremonies.sent(request)
    challenge = ceremonies.take_back(request, SIGN_IN)
    person = sign_in_by_passkey(_credential(told), challenge, place=ceremonies.here())
    sessions.begin(request, person, how="passkey", verified_at=clock.now())
    return JsonResponse({"next": inside(str(told.get("next", "/")))})


@page
@require_POST
def step_up_options(request: HttpRequest) -> JsonResponse:
    """What the browser needs to ask for one of this person's passkeys."""
    challenge = ceremonies.hand_out(request, STEP_UP)
    mine = person_of(request).passkeys.filter(rp_id=ceremonies.here().rp_id).values_list("pk", flat=True)
    return JsonResponse(sign_in_keys.request_options(ceremonies.here(), challenge, mine))


@page
@require_POST
def step_up(request: HttpRequest) -> JsonResponse:
    """Note that the person sits there now."""
    told = ceremonies.sent(request)
    challenge = ceremonies.take_back(request, STEP_UP)
    confirm_by_passkey(person_of(request), _credential(told), challenge, place=ceremonies.here())
    sessions.note_verified(request, clock.now())
    return JsonResponse({"next": inside(str(told.get("next", "/")))})


@page
@require_POST
@stepped_up
def enrol_options(request: HttpRequest) -> JsonResponse:
    """What the browser needs to make a passkey for signing in."""
    person, challenge = person_of(request), ceremonies.hand_out(request, ENROL)
    existing = person.passkeys.values_list("pk", flat=True)
    return JsonResponse(sign_in_keys.creation_options(person, ceremonies.here(), challenge, existing))


@page
@require_POST
@stepped_up
def enrol(request: HttpRequest) -> JsonResponse:
    """Keep the passkey that the browser made."""
    told = ceremonies.sent(request)
    challenge = ceremonies.take_back(request, ENROL)
    add_sign_in_passkey(
        person_of(request),
        _credential(told),
        challenge,
        place=ceremonies.here(),
        label=str(told.get("label", "")),
        actor=actor_of(request),
    )
    return JsonResponse({"next": "/account/"}, status=201)


@page
@require_POST
@stepped_up
def remove(request: HttpRequest) -> HttpResponse:
    """Forget one."""
    remove_sign_in_passkey(person_of(request), request.POST.get("credential", ""), actor=actor_of(request))
    messages.success(request, "Removed. It signs nobody in any more.")
    return redirect("account")


def _credential(told: dict[str, Any]) -> dict[str, Any]:
    found = told.get("credential")
    return found if isinstance(found, dict) else {}
