"""Connect Jira, look how it stands, and send again what it refused."""

from connectors.management.tickets import TicketCommand


class Command(TicketCommand):
    help = "Connects Jira, shows how it stands, and sends again what it refused."
    kind = "jira"
    secrets = frozenset({"user", "token"})
    example = "url, deployment, project, issue_type, maps, …"
