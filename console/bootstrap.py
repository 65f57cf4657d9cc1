"""What an embedded console makes for itself at its first start: people, keys, a policy, the lab's source."""

from dataclasses import dataclass

from django.conf import settings
from django.core.management import call_command

from approvals.models import PolicyVersion
from approvals.services.activate_policy import activate_policy
from approvals.services.ensure_registry import ensure_registry
from audit.services.state_assurance import state_assurance
from connectors.models import Source
from connectors.services.add_source import add_source
from connectors.services.renew_source import renew_source
from console import assurance
from core.actors import SYSTEM
from people.checks import refuse_demo_people
from people.services.demo_people import DEMO_PEOPLE, add_demo_people
from people.services.make_sign_in_link import make_sign_in_link

LAB_SOURCE = "lab-monitor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A one-time sign-in link for one of the demo people."""

    handle: str
    url: str


def prepare() -> None:
    """Bring the database up to date, make what a first start needs, and state what it promises; again is harmless."""
    for folder in (settings.DATA_DIR, settings.STATE_DIR):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    call_command("migrate", verbosity=0, interactive=False)
    if not settings.EMBEDDED:
        call_command("collectstatic", verbosity=0, interactive=False)
    if settings.EMBEDDED:
        add_demo_people(actor=SYSTEM)
    refuse_demo_people()
    ensure_registry(actor=SYSTEM)
    if not PolicyVersion.objects.exists():
        activate_policy("default", actor=SYSTEM)
    state_assurance(assurance.facts(), actor=SYSTEM)


def lab_webhook() -> str:
    """The URL that the lab posts its alerts to. Its token is kept beside the keys: the lab needs it at each start."""
    path = settings.DATA_DIR / "keys" / "lab-source.url-path"
    if not path.exists():
        if Source.objects.filter(slug=LAB_SOURCE).exists():
            added = renew_source(LAB_SOURCE, actor=SYSTEM)
        else:
            added = add_source("alertmanager", "Lab monitor", autonomy="act", actor=SYSTEM)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(f"/hooks/alertmanager/{added.token}", encoding="utf-8")
    return f"{settings.PUBLIC_URL.replace('localhost', '127.0.0.1')}{path.read_text(encoding='utf-8')}"


def sign_in_links() -> list[Link]:
    """Fresh one-time links for the demo people."""
    return [
        Link(handle=handle, url=f"{settings.PUBLIC_URL}/sign-in/{make_sign_in_link(handle, actor=SYSTEM)}/")
        for handle in DEMO_PEOPLE
    ]
