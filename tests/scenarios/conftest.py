"""The installations that the scenarios run on."""

import os

import pytest

from tests.scenarios.installations import Embedded, Production


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    installation = Embedded(tmp_path_factory.mktemp("embedded"))
    try:
        yield installation.start()
    finally:
        installation.stop()


@pytest.fixture(scope="module")
def production(tmp_path_factory):
    if not os.environ.get("REDIS_URL"):
        pytest.fail("needs PostgreSQL and Redis: run it by `make scenarios`")
    installation = Production(tmp_path_factory.mktemp("production"))
    try:
        yield installation.start()
    finally:
        installation.stop()


@pytest.fixture
def ssh_key(tmp_path):
    """A key as a person would make it."""
    import subprocess

    path = tmp_path / "id_ed25519"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path
