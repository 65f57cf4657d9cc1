"""The configuration repository and its changes."""

import random
import time

import pytest

from lab import git, reconciler, repository
from lab.services.payments import acquirer_latency_s


@pytest.fixture
def place(tmp_path):
    assert repository.ensure(tmp_path / "config.git")
    return tmp_path / "config.git"


def test_the_history_looks_lived_in(place):
    lines = git.run(place, "log", "--format=%ct %an", "main").splitlines()
    ages = [time.time() - int(line.split()[0]) for line in lines]

    assert len({line.split(maxsplit=1)[1] for line in lines}) >= 4
    assert sum(age < 3600 for age in ages) >= 2
    assert ages == sorted(ages)


def test_it_is_made_once(place):
    head = git.run(place, "rev-parse", "main")

    assert not repository.ensure(place)
    assert git.run(place, "rev-parse", "main") == head


def test_a_change_and_its_revert_are_clean(place):
    before = repository.values(place, "payments")
    commit = repository.change(place, "payments", {"acquirer_timeout_ms": 25}, "Tighten", repository.PRIYA)
    assert repository.values(place, "payments")["acquirer_timeout_ms"] == 25
    assert repository.last_commit(place, repository.PAYMENTS_FILE) == commit

    repository.revert(place, commit, repository.ON_CALL)

    assert repository.values(place, "payments") == before


def test_settings_of_this_machine_do_not_matter(place, monkeypatch, tmp_path):
    (tmp_path / "gitconfig").write_text("[commit]\n\tgpgSign = true\n[core]\n\thooksPath = /nowhere\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_DIR", "/nowhere")

    assert repository.change(place, "inventory", {"reservation_minutes": 20}, "More", repository.KWAME)


@pytest.mark.parametrize("text", ["", "[1]", '{"a": "b"}', '{"a": true}', '{"a": 1.5}', '{"a": 1'])
def test_settings_that_no_service_can_use_are_not_published(text):
    with pytest.raises(reconciler.UnusableError):
        reconciler.parse(text)


@pytest.mark.parametrize(("timeout_ms", "least", "most"), [(800, 0.0002, 0.003), (25, 0.06, 0.10)])
def test_the_errors_come_out_of_the_acquirers_latency(timeout_ms, least, most):
    chance = random.Random(7)
    late = sum(acquirer_latency_s(chance) * 1000 > timeout_ms for _ in range(20_000))

    assert least < late / 20_000 < most
