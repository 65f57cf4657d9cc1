"""What Zabbix's own message templates say, as media types post it that take a subject and a message.

`Problem: …`, `Resolved in 5m: …` and `Updated problem in 5m: …` begin the subject, older ones `PROBLEM: …` and `OK: …`;
the message has lines such as `Problem name: …`, `Severity: …` and `Original problem ID: …`.
"""

import re
from collections.abc import Mapping

from connectors.sources.monitors.names import lines, pick, plain

MESSAGES = ("message", "alertmessage", "text", "content", "body")
SUBJECTS = ("subject", "alertsubject", "title")
BEGINS = re.compile(
    r"\W*(problem|updated problem|resolved|recovery|ok)\b(?: in [\w ]{1,40})?\s*:\s*(.*)", re.IGNORECASE
)
WORDS = {"updated problem": "problem"}
CURRENT = re.compile(r"\bstatus is (PROBLEM|RESOLVED)\b.*?\backnowledged: (Yes|No)\b", re.DOTALL)
STARTED = re.compile(r"\b(started|resolved) at (\d\d?:\d\d(?::\d\d)?) on (\d{4}\.\d\d\.\d\d)\b")


def fields_in(fields: Mapping[str, object]) -> dict[str, object]:
    """The fields that a subject and a message tell, by the names that Zabbix' macros have."""
    message, subject = pick(fields, *MESSAGES), pick(fields, *SUBJECTS)
    text = message if isinstance(message, str) else ""
    told = plain(lines(text))
    found = {name: value for name, value in told.items() if isinstance(value, str)}
    renamed = {"eventid": pick(told, "originalproblemid", "originaleventid", "problemid", "eventid")}
    begins = BEGINS.match(subject if isinstance(subject, str) else text)
    current, started = CURRENT.search(text), STARTED.search(text)
    if begins:
        word = begins[1].lower()
        renamed |= {"eventstatus": WORDS.get(word, word), "eventname": begins[2].partition("\n")[0].strip()}
    if current:
        renamed |= {"eventstatus": current[1], "eventackstatus": current[2]}
    if started:
        event = "event" if started[1] == "started" else "eventrecovery"
        renamed |= {f"{event}time": started[2], f"{event}date": started[3]}
    return {name: value for name, value in {**found, **renamed}.items() if value not in (None, "")}
