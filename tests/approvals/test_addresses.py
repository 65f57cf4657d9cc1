"""H13: where passkeys work stands in the signed registry: localhost, another port, a name, an IP address."""

import pytest

from approvals import origins, registry
from approvals.services.begin_enrolment import begin_passkey
from approvals.services.ensure_registry import ensure_registry
from approvals.services.issue_template import issue_template
from approvals.services.offer_key import offer_passkey
from approvals.services.propose import propose
from approvals.services.record_decision import record_decision
from core.actors import PLANNER, SYSTEM
from core.errors import RefusedError
from tests.approvals.authenticator import Authenticator
from tests.approvals.decisions import state_of
from tests.approvals.enrolling import HERE, enrol, offer
from tests.approvals.plans import rollback

pytestmark = pytest.mark.django_db


def move(settings, url):
    settings.PUBLIC_URL = url
    ensure_registry(actor=SYSTEM)
    return registry.current()


def signs(member, device, key_id) -> bool:
    request = propose(rollback(), actor=PLANNER)
    template = issue_template(request.pk, "approve", key_id, actor=member.actor)
    try:
        record_decision(request.pk, device.sign(bytes(template.statement), key_id), "", actor=member.actor)
    except RefusedError:
        return False
    return state_of(request) == "GRANTED"


def test_on_localhost_a_passkey_goes_along_to_another_port(cast, settings):
    device = Authenticator()
    key = enrol(cast.ben, device)

    found = move(settings, "http://localhost:9000")

    device.origin = "http://localhost:9000"
    assert found.origins == ("http://localhost:9000",)
    assert signs(cast.ben, device, key.key_id)


def test_it_does_not_go_along_to_a_name(cast, settings):
    device = Authenticator()
    key = enrol(cast.ben, device)

    found = move(settings, "https://ops.example.org")

    assert found.rp_id == "ops.example.org"
    for origin, rp_id in (("https://ops.example.org", "ops.example.org"), ("https://ops.example.org", "localhost")):
        device.origin, device.rp_id = origin, rp_id
        assert not signs(cast.ben, device, key.key_id)


def test_a_new_one_is_enrolled_there_with_the_word_of_an_ssh_key(cast, settings):
    move(settings, "https://ops.example.org")

    key = enrol(cast.ben, Authenticator(origin="https://ops.example.org", rp_id="ops.example.org"))

    assert registry.current().key(key.key_id).rp_id == "ops.example.org"


@pytest.mark.parametrize(
    "origin",
    [
        "https://ops.example.org:8443",
        "https://other.example.org",
        "https://sub.ops.example.org",
        "https://example.org",
        "http://ops.example.org",
        "https://10.0.0.5",
    ],
    ids=["wrong port", "sibling", "subdomain", "parent", "plain http", "IP address"],
)
def test_a_passkey_of_any_other_place_is_refused(cast, settings, origin):
    move(settings, "https://ops.example.org")

    with pytest.raises(RefusedError, match="not accepted"):
        offer(cast.ben, Authenticator(origin=origin, rp_id="ops.example.org"))


def test_a_port_of_a_name_is_another_place(cast, settings):
    move(settings, "https://ops.example.org")
    device = Authenticator(origin="https://ops.example.org", rp_id="ops.example.org")
    key = enrol(cast.ben, device)

    move(settings, "https://ops.example.org:8443")

    device.origin = "https://ops.example.org:8443"
    assert not signs(cast.ben, device, key.key_id)


@pytest.mark.parametrize("url", ["http://10.0.0.5:8000", "http://127.0.0.1:8000", "http://ops.example.org"])
def test_where_passkeys_cannot_work_it_says_what_to_do(cast, settings, url):
    move(settings, url)

    with pytest.raises(RefusedError) as refusal:
        begin_passkey(cast.ben.person, session=HERE, actor=cast.ben.actor)
    assert refusal.value.detail == origins.NO_PASSKEYS
    assert "use an SSH key or set PUBLIC_URL" in origins.NO_PASSKEYS


def test_the_host_header_decides_nothing(cast, client):
    client.force_login(cast.ben.person)

    options = client.post("/api/v1/keys/registration-options/", headers={"host": "127.0.0.1"}).json()

    assert options["rp"]["id"] == "localhost"


def test_setting_an_address_without_a_registry_that_says_so_changes_nothing(cast, settings):
    settings.PUBLIC_URL = "https://ops.example.org"

    options = begin_passkey(cast.ben.person, session=HERE, actor=cast.ben.actor)

    assert options["rp"]["id"] == "localhost"
    made = Authenticator(origin="https://ops.example.org", rp_id="ops.example.org").create(options)
    with pytest.raises(RefusedError, match="not accepted"):
        offer_passkey(cast.ben.person, made, label="a", session=HERE, actor=cast.ben.actor)


def test_people_may_sign_at_an_address_of_its_own(cast, settings):
    settings.SIGN_URL = "https://sign.example.org"

    assert move(settings, "https://ops.example.org").origins == ("https://sign.example.org",)
