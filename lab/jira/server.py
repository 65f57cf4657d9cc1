"""Its HTTP: `/rest/api/…`, and `/lab/…` for whoever makes it misbehave."""

from typing import Any

from lab.fakes import Answer, FakeServer, Wire
from lab.jira import rest_api
from lab.jira.site import Site


class Server(FakeServer):
    """One site on a port of this computer."""

    def __init__(self, port: int = 0) -> None:
        self.site = Site()
        super().__init__(port, self.site.habits, self.site.asked)

    def serve(self, wire: Wire) -> Answer:
        """Answer as a site does."""
        answer = rest_api.serve(self.site, wire)
        lost = answer.status < 300 and self.loses(wire) and self.site.habits.take("bad_gateway")
        return Answer(502) if lost else answer

    def loses(self, wire: Wire) -> bool:
        """Whether it is a write; a search that is posted is none."""
        return super().loses(wire) and wire.path not in rest_api.SEARCHES

    def control(self, method: str, verb: str, said: dict[str, Any]) -> Answer:
        """`habits`, `reset`, `time`; `act` is somebody's doing in its pages; `requests`, `issues` tell."""
        site = self.site
        told: dict[str, Any] = {}
        if verb == "habits" and method == "POST":
            told = {"unknown": site.habits.set(said)}
        elif verb == "reset":
            site.reset()
        elif verb == "time":
            site.shift_s = float(said["shift_s"])
        elif verb == "act":
            told = _act(site, said)
        elif verb == "requests":
            told = {"requests": site.asked}
        elif verb == "issues":
            told = {"issues": [{**one, "comments": site.comments[one["id"]]} for one in site.issues.values()]}
        else:
            told = {"unknown": [verb]}
        return Answer(400 if told.get("unknown") else 200, told)


def _act(site: Site, said: dict[str, Any]) -> dict[str, Any]:
    """What a person does to an issue, or a new one: `issue`, `status`, `comment`, `fields`, `by`, `delete`."""
    fields, by = dict(said.get("fields") or {}), str(said.get("by") or "somebody")
    issue = site.find(str(said["issue"])) if said.get("issue") else site.create(fields)
    if issue is None:
        return {"unknown": ["issue"]}
    if said.get("delete"):
        site.delete(issue)
        return {"result": issue}
    if said.get("status"):
        fields["status"] = site.status(str(said["status"]))
    if said.get("issue") and fields:
        site.change(issue, fields)
    if said.get("comment"):
        site.comment(issue, str(said["comment"]), by)
    return {"result": issue}
