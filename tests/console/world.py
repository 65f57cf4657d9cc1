"""A small production to look at: services, incidents in every state, plans, evidence. Rows are made directly."""

import hashlib
import json
from datetime import timedelta

from django.db import transaction

from agents.models import Reading, Remediation, Run, StepRun
from approvals.drafts import ChangeDraft
from approvals.models import ApprovalRequest, Change, Decision, PersonKey
from approvals.services.propose import propose
from audit import ledger
from audit.services.sequence import sequence_all
from connectors.models import Source
from core import clock
from core.actors import DIAGNOSIS, EXECUTOR, MONITOR, PLANNER, POLICY, SYSTEM, TRIAGE, Role
from incidents.models import Alert, Dependency, Incident, Service
from people.models import Person
from people.services.add_person import add_person
from proof import canonical
from tests.console.change_document import change_document
from tests.console.findings import diagnosed, evidence, metric, rising, say  # noqa: F401 -- world.diagnosed reads well

EDGES = (
    ("gateway", "checkout"),
    ("gateway", "inventory"),
    ("checkout", "payments"),
    ("checkout", "inventory"),
)
CAST = {
    "ada": ("Ada Operator", (Role.OPERATOR,)),
    "ben": ("Ben Approver", (Role.APPROVER, Role.OPERATOR)),
    "cleo": ("Cleo Approver", (Role.APPROVER, Role.OPERATOR)),
    "dan": ("Dan Manager", (Role.MANAGER,)),
    "mallory": ("Mallory Nobody", ()),
    "vera": ("Vera Viewer", (Role.VIEWER,)),
}


def cast() -> dict[str, Person]:
    """The people."""
    found = {}
    for handle, (name, roles) in CAST.items():
        person = Person.objects.filter(handle=handle).first()
        found[handle] = person or add_person(handle, name, roles, actor=SYSTEM)
    return found


def catalogue() -> None:
    """Four services and who calls whom."""
    for slug in ("gateway", "checkout", "payments", "inventory"):
        team = "store" if slug in {"checkout", "payments"} else "platform"
        known = {"name": slug.capitalize(), "environment": "lab", "team": team}
        Service.objects.get_or_create(slug=slug, defaults=known)
    for caller, callee in EDGES:
        Dependency.objects.get_or_create(caller=caller, callee=callee)


def source(*, heard: bool = True) -> Source:
    """A source that spoke a moment ago."""
    now = clock.now()
    return Source.objects.create(
        slug="lab",
        kind="alertmanager",
        name="Lab monitor",
        token_sha256="0" * 64,
        autonomy="act",
        created_at=now,
        last_delivery_at=now - timedelta(seconds=4) if heard else None,
    )


def incident(title="payments fails one request in twelve", **over) -> Incident:
    """An open incident with one alert and its first records."""
    opened = over.pop("opened_at", clock.now() - timedelta(minutes=3))
    service = over.pop("service", "payments")
    values = {"severity": "S2", "environment": "lab", "autonomy": "act", **over}
    made = Incident(
        title=title,
        service=service,
        services=[service],
        opened_at=opened,
        began_at=opened - timedelta(seconds=12),
        **values,
    )
    made.save()
    Alert.objects.create(
        source="lab",
        fingerprint=f"v1:{made.pk}",
        status="firing",
        severity="high",
        title=title,
        description="5xx ratio above 5 % for 10 s",
        service=service,
        environment="lab",
        labels={"alertname": "ErrorRateHigh"},
        last_event_at=opened,
        first_seen_at=opened,
        last_seen_at=opened,
        delivery_id="d1",
        incident=made,
    )
    say(TRIAGE, "incident.opened", made.subject, title=title)
    return made


def remediation(of: Incident, state: str, **over) -> Remediation:
    """A remediation that has come to this state."""
    order = ("INITIATED", "ANALYZING", "PLANNING", "AWAITING_APPROVAL", "EXECUTING", "VALIDATING")
    passed = order[: order.index(state) + 1] if state in order else order
    began = of.opened_at + timedelta(seconds=1)
    stages = {name: clock.rfc3339(began + timedelta(seconds=11 * at)) for at, name in enumerate(passed)}
    ended = None
    if state not in order:
        ended = began + timedelta(seconds=11 * len(order))
        stages[state] = clock.rfc3339(ended)
    made = Remediation(incident_id=of.pk, state=state, started_at=began, ended_at=ended, stages=stages, **over)
    made.save()
    say(DIAGNOSIS, "remediation.started", made.subject, about=of.subject)
    return made


def asked(
    of: Remediation, incident_: Incident, *, needed=1, state="PENDING", route="single", **over
) -> ApprovalRequest:
    """A frozen change and the request for its approval."""
    body = change_document(incident_, people=needed, **over)
    with transaction.atomic():
        digest = ledger.keep("application/vnd.countersign.change+json", canonical.dumps(body))
    change = Change.objects.create(
        digest=digest,
        uid=body["id"],
        version=body["version"],
        incident=incident_.subject,
        intent=body["intent"],
        tier=body["risk"]["tier"],
        score=body["risk"]["score"],
        covered_by=json.dumps([["service:lab/payments", "team:store"]]),
        created_at=clock.now(),
    )
    request = ApprovalRequest(
        change=change,
        state=state,
        route=route,
        needed=needed,
        sentence="High risk needs one signature." if needed else "Medium risk and well understood, runs with a notice.",
        rule="high-risk" if needed else "routine-with-notice",
        policy_sha256="3" * 64,
        created_at=clock.now() - timedelta(minutes=4),
        expires_at=clock.now() + timedelta(hours=4),
        execute_by=clock.now() + timedelta(hours=5),
        settled_at=None if state == "PENDING" else clock.now(),
    )
    request.save()
    of.change_digest, of.request_id, of.revision = digest, request.pk, body["version"]
    of.save()
    say(PLANNER, "change.frozen", f"change:{digest}", about=incident_.subject, intent=body["intent"])
    say(POLICY, "request.opened", f"request:{request.pk}", about=incident_.subject, needed=needed)
    return request


def draft_of(incident_: Incident, *, critical=False, interested=(), **over) -> ChangeDraft:
    """The plan as the planner writes it; a critical one does what the limits do not list, and takes three people."""
    body = change_document(incident_)
    if critical:
        body["intent"] = "move payments in lab to its old database"
        body["steps"] = [{**body["steps"][0], "action": "move-database"}]
    parts = ("environment", "incident", "intent", "runbook", "proposer", "steps", "preconditions", "verification")
    more = ("touches", "unaffected", "diffs", "blast_radius", "evidence", "hypothesis")
    return ChangeDraft(
        **{name: body[name] for name in (*parts, *more)},
        factors={one["name"]: (one["level"], one["note"]) for one in body["risk"]["factors"]},
        criticality="critical",
        confidence=0.91,
        interested_persons=sorted(interested),
        **over,
    )


def proposed(of: Remediation, incident_: Incident, *, critical=False, interested=()) -> ApprovalRequest:
    """The same plan, proposed for real: frozen, ruled on and opened by the approvals' own services."""
    request = propose(draft_of(incident_, critical=critical, interested=interested), actor=PLANNER)
    of.change_digest, of.request_id, of.revision = request.change_id, request.pk, 1
    of.save()
    return request


def key_of(person: Person, *, key_class="webauthn", label="Laptop passkey", **over) -> PersonKey:
    """A key, as the page shows it."""
    key_id = hashlib.sha256(f"{person.pk}{key_class}".encode()).hexdigest()
    return PersonKey.objects.create(
        key_id=key_id,
        person_id=person.pk,
        key_class=key_class,
        label=label,
        public="-",
        credential_id="Y3JlZA" if key_class == "webauthn" else "",
        origin="http://localhost:8000" if key_class == "webauthn" else "",
        enrolled_at=clock.now(),
        **over,
    )


def signed(request: ApprovalRequest, person: Person, *, verdict="approve", comment="") -> Decision:
    """A decision of a person."""
    made = Decision.objects.create(
        statement_sha256=f"{request.pk:032x}{person.pk:>032}".replace(" ", "0")[:64],
        sidecar_sha256="5" * 64,
        request=request,
        change_digest=request.change_id,
        verdict=verdict,
        person_id=person.pk,
        key_id=hashlib.sha256(f"{person.pk}webauthn".encode()).hexdigest(),
        comment=comment,
        decided_at=clock.now(),
    )
    say(
        person.as_actor(), "decision.recorded", f"request:{request.pk}", about=request.change.incident, decision=verdict
    )
    return made


def ran(of: Remediation, incident_: Incident, *, done: bool, readings=()) -> Run:
    """A run with its one step, and readings since."""
    now = clock.now()
    begun = now - timedelta(seconds=40)
    run = Run.objects.create(
        remediation=of,
        change_digest=of.change_digest,
        state="SUCCEEDED" if done else "RUNNING",
        started_at=begun,
        ended_at=now if done else None,
    )
    StepRun.objects.create(
        run=run,
        index=0,
        title="Revert commit 8c1f2ae",
        command="git revert --no-edit 8c1f2ae",
        key=f"{run.pk:064x}",
        state="SUCCEEDED",
        result={"commit": "77af02c4", "head": "77af02c4"},
        started_at=begun,
        ended_at=begun + timedelta(seconds=2),
    )
    for at, value in enumerate(readings):
        Reading.objects.create(
            remediation=of, at=begun + timedelta(seconds=3 + 3 * at), value=value, healthy=value < 0.01
        )
    say(EXECUTOR, "step.finished", f"run:{run.pk}", about=incident_.subject, title="Revert commit 8c1f2ae")
    say(MONITOR, "remediation.validating", of.subject, about=incident_.subject)
    return run


def place_records() -> None:
    """Give all records their places."""
    sequence_all()
