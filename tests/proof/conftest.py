"""Where the public vectors lie, if they are here."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared" / "vectors"


@pytest.fixture
def vectors() -> Path:
    """Other people's vectors; not part of the repository."""
    if not SHARED.is_dir():
        pytest.skip("the public vectors are not on this machine")
    return SHARED
