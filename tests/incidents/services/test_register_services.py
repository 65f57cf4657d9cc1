"""Many services are entered at once: all of them, or none."""

import pytest

from core.actors import SYSTEM
from core.errors import BadInputError
from incidents.models import Service
from incidents.services.register_services import register_services

pytestmark = pytest.mark.django_db


def test_all_are_entered_or_none_where_one_is_refused():
    with pytest.raises(BadInputError):
        register_services([{"slug": "mail"}, {"slug": "smtp", "criticality": "huge"}], actor=SYSTEM)
    assert not Service.objects.exists()

    made = register_services([{"slug": "mail"}, {"slug": "smtp", "depends_on": ["dns"]}], actor=SYSTEM)

    assert [service.slug for service in made] == ["mail", "smtp"]
