"""`/keys/`: my keys, enrolling one; for key-admins the registry and what to co-sign. Signatures go through the API."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.views.decorators.http import require_GET, require_POST

from approvals import ceremonies
from approvals.models import Draft, DraftState
from approvals.permissions import grants
from approvals.services.change_registry import renew_person, set_groups
from approvals.services.invite import invite
from approvals.services.void_draft import void_draft
from console.pages.frame import actor_of, answer, page, person_of
from console.selectors import cosigning, keyring
from console.selectors import registry as registry_page
from console.stepup import stepped_up
from core.errors import NotFoundError
from core.permissions import Permission
from people.selectors import active_person


@page
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """The keys of whoever asks, and the registry for whoever may read it."""
    person, actor = person_of(request), actor_of(request)
    context = {
        "ring": keyring.read(person, actor),
        "registry": registry_page.read(person, actor),
        "words_url": static("words.json"),
        "embedded": settings.EMBEDDED,
    }
    return answer(request, "keys", context)


@page
@require_GET
def draft(request: HttpRequest, draft_id: int) -> HttpResponse:
    """One draft: what it will say, and the way to sign it."""
    actor = actor_of(request)
    grants.require(Permission.REGISTRY_READ, actor)
    row = Draft.objects.filter(pk=draft_id).first()
    if row is None:
        detail = f"There is no draft {draft_id}."
        raise NotFoundError(detail)
    return answer(request, "draft", cosigning.read(row, person_of(request), actor))


@page
@require_POST
def voiding(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Not wanting a draft."""
    void_draft(draft_id, actor=actor_of(request), note=request.POST.get("why", ""))
    messages.success(request, "Voided. Whoever asked for it may ask again.")
    return redirect("/keys/#cosign")


@page
@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """What a key-admin asks of a person's entry."""
    grants.require(Permission.REGISTRY_EDIT, actor_of(request))
    return _change(request)


@page
@require_POST
def invitation(request: HttpRequest) -> HttpResponse:
    """A code for somebody without an older key, shown this once."""
    grants.require(Permission.REGISTRY_EDIT, actor_of(request))
    return _invitation(request)


@stepped_up
def _change(request: HttpRequest) -> HttpResponse:
    actor, person = actor_of(request), active_person(request.POST.get("person", ""))
    if request.POST.get("change") == "groups":
        asked = set_groups(person, request.POST.get("groups", "").split(","), actor=actor)
    else:
        asked = renew_person(person, actor=actor)
    if asked.state == DraftState.PUBLISHED:
        messages.success(request, f"Published as version {asked.version} by this computer's own key: first use.")
        return redirect("/keys/#registry")
    messages.success(request, f"Asked for: {ceremonies.ceremony(asked).headline}. It takes co-signatures now.")
    return redirect("/keys/#cosign")


@stepped_up
def _invitation(request: HttpRequest) -> HttpResponse:
    person = active_person(request.POST.get("person", ""))
    code = invite(person, actor=actor_of(request))
    messages.success(request, f"The code for {person.name}, for one key within the hour, shown this once: {code}")
    return redirect("/keys/#registry")
