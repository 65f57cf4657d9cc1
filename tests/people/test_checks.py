"""Production does not start among demo people."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from core.actors import SYSTEM
from people import checks
from people.services.demo_people import add_demo_people

pytestmark = pytest.mark.django_db


@pytest.fixture
def moved_to_production(settings):
    settings.EMBEDDED = True
    add_demo_people(actor=SYSTEM)
    settings.EMBEDDED = False


@pytest.mark.usefixtures("moved_to_production")
def test_production_refuses_to_start_with_demo_people():
    with pytest.raises(ImproperlyConfigured, match="demo people"):
        checks.refuse_demo_people()


@pytest.mark.usefixtures("moved_to_production")
def test_the_system_check_refuses_too():
    with pytest.raises(SystemCheckError, match=r"people\.E001"):
        call_command("check", "--database", "default", "--tag", "database")


def test_production_without_demo_people_starts(settings, ada):
    settings.EMBEDDED = False

    checks.refuse_demo_people()
    assert checks.no_demo_people(None, ["default"]) == []


@pytest.mark.usefixtures("embedded")
def test_the_embedded_mode_lives_with_them():
    add_demo_people(actor=SYSTEM)

    checks.refuse_demo_people()
