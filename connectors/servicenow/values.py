"""A case in the fields of ServiceNow's records. Pure."""

import re
from typing import Final

from connectors import story
from connectors.servicenow.maps import Maps
from connectors.story import Case, Plan

SHORT: Final = 160
_CODE: Final = re.compile(r"\[(/?)code\]", re.IGNORECASE)


def incident_values(case: Case, maps: Maps) -> dict[str, str]:
    """The fields of an incident of ours."""
    impact, urgency = maps.levels.get(case.severity, ("", ""))
    values = {
        "short_description": plain(f"{case.number}: {case.title}", SHORT),
        "description": story.description(case, plain),
        "impact": impact,
        "urgency": urgency,
        "assignment_group": maps.group(case.service),
        "correlation_display": "Countersign",
        **state_values(case, maps),
    }
    return {name: value for name, value in values.items() if value}


def state_values(case: Case, maps: Maps) -> dict[str, str]:
    """The state, and what closing needs."""
    values = {"state": maps.states.get(case.state, "")}
    if case.state in {"RESOLVED", "CLOSED"}:
        values |= {"close_code": maps.close_code, "close_notes": story.cut(story.ending(case, plain), story.LONGEST)}
    return {name: value for name, value in values.items() if value}


def change_values(case: Case, plan: Plan, maps: Maps) -> dict[str, str]:
    """The fields of a request for a change; its text names the plan's hash, and so does its correlation_id."""
    values = {
        "short_description": plain(f"{case.number}: {plan.intent}", SHORT),
        "description": "\n".join(
            [*story.of_plan(plan, plain), f"For {case.number}: {plain(case.title, 300)}", case.url]
        ),
        "justification": plain(plan.sentence, 500),
        "type": "normal",
        "risk": maps.risks.get(plan.tier, ""),
        "assignment_group": maps.group(case.service),
        "correlation_display": "Countersign",
        "approval": "requested" if plan.state in {"PENDING", "GRANTED"} else "",
    }
    return {name: value for name, value in values.items() if value}


def closing_values(case: Case, stage: str, maps: Maps) -> dict[str, str]:
    """What a request for a change needs to be closed; empty for a stage that ends nothing."""
    if stage not in maps.endings:
        return {}
    return {"close_code": maps.endings[stage], "close_notes": story.cut(story.ending(case, plain), story.LONGEST)}


def plain(text: str, longest: int) -> str:
    """Text from anywhere as text for a field: `[code]`, which journals show as markup, is taken apart."""
    return story.cut(_CODE.sub(r"(\1code)", story.without_controls(text)).strip(), longest)
