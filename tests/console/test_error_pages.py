"""What people and programs are told when something breaks below them."""

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client
from django.urls import path

from console.pages import errors

HERE = __name__
FAULTS = {"gone": OperationalError("the server closed the line"), "lost": InterfaceError(), "defect": RuntimeError("x")}


def falls(_request, name):
    raise FAULTS[name]


urlpatterns = [path("<name>", falls), path("api/<name>", falls)]
handler500 = errors.broken


@pytest.fixture
def client(settings):
    settings.ROOT_URLCONF = HERE
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("name", ["gone", "lost"])
def test_a_database_that_is_gone_is_said_to_be_gone_and_when_to_come_back(client, name):
    page = client.get(f"/{name}")
    assert (page.status_code, page["Retry-After"]) == (503, "5")
    assert "<h1>The database does not answer</h1>" in page.content.decode()
    assert "server closed the line" not in page.content.decode()

    problem = client.get(f"/api/{name}")
    assert (problem.status_code, problem["Retry-After"]) == (503, "5")
    assert problem.json()["type"] == "urn:countersign:problem:store-unreachable"


def test_a_defect_is_a_defect(client):
    page = client.get("/defect")
    assert page.status_code == 500
    assert "<h1>Something broke</h1>" in page.content.decode()
    assert "Retry-After" not in page

    assert client.get("/api/defect").json()["type"] == "urn:countersign:problem:broken"
