import pytest

from core.actors import SYSTEM
from core.errors import BadInputError, NotPermittedError
from incidents import topology
from incidents.models import Dependency, Service
from incidents.services.register_service import ServiceEntry, register_service

pytestmark = pytest.mark.django_db


def test_registering_the_same_again_writes_nothing(shop, verbs):
    before = verbs()

    register_service(
        ServiceEntry(slug="gateway", name="Gateway", environment="lab", autonomy="act", depends_on=("checkout",)),
        actor=SYSTEM,
    )

    assert verbs() == before
    assert before == ["service.registered"] * 4


def test_dependencies_are_replaced(shop):
    register_service(ServiceEntry(slug="checkout", name="Checkout", depends_on=("mail",)), actor=SYSTEM)

    assert set(Dependency.objects.filter(caller="checkout").values_list("callee", flat=True)) == {"mail"}
    assert Service.objects.get(slug="checkout").environment == ""


def test_an_operator_may_not_raise_a_service_s_autonomy(shop, ada):
    with pytest.raises(NotPermittedError):
        register_service(ServiceEntry(slug="payments", name="Payments", autonomy="act"), actor=ada)


@pytest.mark.parametrize("wrong", [{"criticality": "very"}, {"autonomy": "rule the world"}])
def test_words_that_do_not_exist_are_refused(db, wrong):
    with pytest.raises(BadInputError):
        register_service(ServiceEntry(slug="x", name="X", **wrong), actor=SYSTEM)


def test_the_graph_knows_paths_and_who_is_touched(shop):
    assert topology.path("gateway", "payments") == ["gateway", "checkout", "payments"]
    assert topology.path("payments", "gateway") == []
    assert topology.blast_radius("payments") == ["checkout", "gateway"]
    assert topology.blast_radius("nothing") == []
    assert topology.deepest({"gateway", "inventory"}) == "inventory"
    assert topology.graph().nodes["payments"]["environment"] == "lab"
