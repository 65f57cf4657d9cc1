"""What makes no connection to Jira is refused, and the sentence says what to write instead."""

import pytest

from connectors.jira.maps import maps_of, of_service
from connectors.models import Connection
from connectors.services.connect import connect
from core.actors import SYSTEM
from core.errors import BadInputError
from tests.connectors.jira.conftest import BASIC, CLOUD

GOOD = {"url": "https://example.atlassian.net", **CLOUD}


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"url": "http://example.atlassian.net"}, "with https"),
        ({"url": "file:///etc/passwd"}, "with https"),
        ({"deployment": "server"}, "Say `deployment`: cloud for .*, datacenter for"),
        ({"deployment": ["cloud"]}, "Say `deployment`"),
        ({"project": ""}, "Say `project`: the key"),
        ({"project": 'OPS" OR 1'}, "Say `project`"),
        ({"issue_type": 3}, "`issue_type` must be a text"),
        ({"labels": ["a b"]}, "without spaces"),
        ({"labels": "a"}, "a list of texts"),
        ({"maps": {"states": {"BURNING": "Hot"}}}, "Our states are OPEN"),
        ({"maps": {"read": {"Hot": "BURNING"}}}, "Our states are OPEN"),
        ({"maps": {"levels": {}}}, "`maps` may hold"),
        ({"maps": ["x"]}, "`maps` may hold"),
        ({"maps": {"priorities": {"S1": 1}}}, "`priorities` must be one of texts"),
        ({"maps": {"priorities": ["S1"]}}, "`priorities` must be one of texts"),
        ({"settle_s": "soon"}, "`settle_s` must be a number of seconds"),
        ({"poll_s": -1}, "`poll_s` must be a number of seconds"),
        ({"timeout_s": 60}, "`timeout_s` must be a number of seconds, at most 20."),
        ({"timeout_s": True}, "`timeout_s` must be a number"),
        ({"statuses": {}}, "Unknown settings: statuses. There are: "),
        ({"require_approval": True}, "Jira gives no approvals that count"),
        ({"changes": True}, "ServiceNow's requests do"),
    ],
)
@pytest.mark.django_db
def test_what_leads_nowhere_is_refused_with_a_sentence(config, words):
    with pytest.raises(BadInputError, match=words):
        connect("jira", "jira", "", {**GOOD, **config}, BASIC, actor=SYSTEM)
    assert not Connection.objects.exists()


def test_maps_of_ones_own_stand_over_those_out_of_the_box():
    maps = maps_of({**GOOD, "maps": {"states": {"CLOSED": "Closed"}, "priorities": {"S4": ""}}})

    assert (maps.states["CLOSED"], maps.states["RESOLVED"]) == ("Closed", "Done")
    assert (maps.priorities["S4"], maps.priorities["S1"]) == ("", "Highest")
    assert [of_service({"*": "a", "shop": "b"}, name) for name in ("shop", "else")] == ["b", "a"]
