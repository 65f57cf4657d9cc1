"""The installations that the scenarios run on."""

import os
from contextlib import contextmanager

import pytest

from tests.scenarios.installations import Embedded, Production


@contextmanager
def running(installation, *, needs_services=False):
    """It, started, and stopped at the end whatever happens."""
    if needs_services and not os.environ.get("REDIS_URL"):
        pytest.fail("needs PostgreSQL and Redis: run it by `make scenarios`")
    try:
        yield installation.start()
    finally:
        installation.stop()


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    with running(Embedded(tmp_path_factory.mktemp("embedded"))) as installation:
        yield installation


@pytest.fixture(scope="module")
def production(tmp_path_factory):
    with running(Production(tmp_path_factory.mktemp("production")), needs_services=True) as installation:
        yield installation


@pytest.fixture
def ssh_key(tmp_path):
    """A key as a person would make it."""
    import subprocess

    path = tmp_path / "id_ed25519"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path
