"""Fixtures for tests with real processes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.lab.running import Receiver, RunningLab


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    value = Receiver()
    yield value
    value.close()


@pytest.fixture
def start_lab(tmp_path: Path, receiver: Receiver) -> Iterator[Callable[..., RunningLab]]:
    running: list[RunningLab] = []

    def start(name: str = "lab", monitor: str = "builtin") -> RunningLab:
        running.append(RunningLab(tmp_path / name, receiver.url, monitor))
        return running[-1]

    yield start
    for lab in running:
        lab.close()
