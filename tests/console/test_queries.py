"""The first view of a page asks the database a bounded number of times, however much there is."""

import pytest

from tests.console import world

pytestmark = pytest.mark.django_db
MOST = {"/incidents/{i}/": 40, "/approvals/{r}/": 30, "/audit/": 20, "/audit/?record=1": 25, "/keys/": 18}


@pytest.mark.parametrize("path", MOST)
def test_a_page_makes_a_bounded_number_of_queries(as_, waiting, cast, path, django_assert_max_num_queries):
    incident, request = waiting
    client = as_("ben")
    address = path.format(i=incident.pk, r=request.pk)
    world.place_records()
    with django_assert_max_num_queries(MOST[path]):
        assert client.get(address).status_code == 200
    for number in range(30):
        world.say(world.MONITOR, "remediation.validating", incident.subject, number=number)
    for handle, person in cast.items():
        world.key_of(person, label=f"{handle}'s")
    world.signed(request, cast["cleo"])
    world.place_records()
    with django_assert_max_num_queries(MOST[path]):
        assert client.get(address).status_code == 200
