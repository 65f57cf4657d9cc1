"""The world of the storm: `… storm make` signs everything beforehand, `… storm look` says what came of it.

A process of its own, so that the storm's installation and the tests' database never meet.
"""

import json
import sys
from pathlib import Path
from typing import Any

PEOPLE, REQUESTS = 10, 20
KINDS = {
    "granted": ["approve"] * 10,
    "short": ["approve"] * 2 + ["abstain"] * 8,
    "rejected": ["approve"] * 9 + ["reject"],
    "torn": ["approve", "reject"] * 5,
}
"""What the ten people say about a request of each kind; it takes three approvals, and one rejection ends it."""
EXPECTED = {"granted": "GRANTED", "short": "PENDING", "rejected": "REJECTED", "torn": "REJECTED"}


def main() -> None:
    """Do what is asked for, and print it as JSON."""
    import django

    django.setup()
    answer = make() if sys.argv[1] == "make" else look()
    sys.stdout.write(json.dumps(answer))


def make() -> dict[str, Any]:
    """People with keys and tokens, requests, and every decision, signed."""
    from approvals.services.activate_policy import activate_policy
    from approvals.services.propose import propose
    from core.actors import PLANNER, SYSTEM, Role
    from people.services.add_person import add_person
    from people.services.add_token import add_token
    from tests.approvals.cast import member
    from tests.approvals.plans import rollback

    for number in range(PEOPLE):
        add_person(f"p{number}", f"Person {number}", [Role.APPROVER], actor=SYSTEM)
    activate_policy(_policy(), actor=SYSTEM)
    people = [member(f"p{number}") for number in range(PEOPLE)]
    tokens = [add_token(f"p{number}", ["approvals:read", "approvals:sign"], actor=SYSTEM) for number in range(PEOPLE)]
    decisions, requests = [], {}
    for number in range(REQUESTS):
        kind = list(KINDS)[number % len(KINDS)]
        request = propose(rollback(intent=f"revert number {number}"), actor=PLANNER)
        requests[request.pk] = kind
        for person, verdict in enumerate(KINDS[kind]):
            signed = _signed(request, people[person], verdict)
            decisions.append({"request": request.pk, "token": tokens[person], "verdict": verdict, **signed})
    return {"requests": requests, "decisions": decisions}


def look() -> dict[str, Any]:
    """For each request: its state, what the signatures say by the shared rule, and what was recorded how often."""
    from approvals.models import ApprovalRequest
    from approvals.settling import judge
    from audit.models import Entry
    from audit.selectors import facts_of

    found = {}
    for request in ApprovalRequest.objects.order_by("pk"):
        recorded = Entry.objects.filter(verb="decision.recorded", subject=f"request:{request.pk}")
        settled = Entry.objects.filter(verb__startswith="request.", subject=f"request:{request.pk}")
        found[request.pk] = {
            "state": str(request.state),
            "judged": str(judge(request).state),
            "counted": [list(one) for one in judge(request).counted],
            "rows": sorted(request.decisions.values_list("statement_sha256", flat=True)),
            "entries": sorted(_statement(entry) for entry in recorded),
            "verdicts": sorted(str(facts_of(entry)["verdict"]) for entry in recorded),
            "moves": sorted(settled.values_list("verb", flat=True)),
        }
    return found


def _policy() -> Path:
    import tempfile

    import yaml

    from approvals import bundles

    content = yaml.safe_load((bundles.SHIPPED / "lab.yaml").read_text())
    for limit in content["limits"]:
        limit["people"] = 3
    content["budget"] = {"per_person_per_hour": 0}
    path = Path(tempfile.mkdtemp()) / "storm.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


def _signed(request: Any, member: Any, verdict: str) -> dict[str, str]:
    from approvals import statements
    from proof import canonical
    from tests.approvals.decisions import handed_out

    template, words = handed_out(request, member, verdict), "No." if verdict == "reject" else ""
    statement = statements.filled_in(
        bytes(template.statement),
        viewed_ms=1_000,
        sections_seen=["steps"],
        comment_commitment=statements.commitment(bytes(template.comment_salt), words),
    )
    sidecar = member.sign(statement).decode("utf-8")
    return {"sidecar": sidecar, "comment": words, "statement": canonical.sha256(statement)}


def _statement(entry: Any) -> str:
    from proof.documents import parse_entry

    return dict(parse_entry(bytes(entry.body)).documents)["statement"]


if __name__ == "__main__":
    main()
