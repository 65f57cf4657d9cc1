"""What Argo CD's own triggers and the messages of its catalog say of an application."""

import re

TRIGGERS = {
    "health-degraded": {"health": "Degraded"},
    "degraded": {"health": "Degraded"},
    "healthy": {"health": "Healthy"},
    "sync-failed": {"phase": "Failed"},
    "sync-succeeded": {"phase": "Succeeded"},
    "deployed": {"phase": "Succeeded"},
    "sync-running": {"phase": "Running"},
    "sync-status-unknown": {"sync": "Unknown"},
}
NAMED = r"\bapplication\s+[`*'\"]*(?P<name>[\w][\w./-]*[\w]|\w)[`*'\"]*"
AT = r"(?:\s+at\s+(?P<at>\d{4}-\d\d-\d\dT[\d:.]+Z?))?"
CATALOG = tuple(
    (re.compile(pattern.format(named=NAMED, at=AT), re.IGNORECASE), trigger)
    for pattern, trigger in (
        (r"{named} has degraded", "health-degraded"),
        (r"sync operation of {named} has failed{at}", "sync-failed"),
        (r"failed to sync {named}", "sync-failed"),
        (r"{named} has been successfully synced{at}", "sync-succeeded"),
        (r"{named} is now running new version", "deployed"),
        (r"new version of an {named} is up and running", "deployed"),
        (r"sync operation of {named} has started{at}", "sync-running"),
        (r"start syncing {named}", "sync-running"),
        (r"{named} sync (?:status )?is 'Unknown'", "sync-status-unknown"),
    )
)


def of_trigger(word: object) -> dict[str, str]:
    """Health, phase or sync that the name of a trigger or template tells: `on-sync-failed`, `app-health-degraded`."""
    plain = str(word).strip().lower().replace("_", "-").replace(" ", "-")
    return dict(TRIGGERS.get(plain.removeprefix("on-").removeprefix("app-"), {}))


def of_message(text: object) -> dict[str, str]:
    """The name of the application and what a message of the catalog tells of it; empty for any other text."""
    if not isinstance(text, str):
        return {}
    found = next(((match, trigger) for pattern, trigger in CATALOG if (match := pattern.search(text[:2000]))), None)
    if found is None:
        return {}
    named = {name: value for name, value in found[0].groupdict().items() if value}
    return {"app": named["name"], "timestamp": named.get("at", ""), "message": text, **of_trigger(found[1])}
