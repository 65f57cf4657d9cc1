"""Move the one clock, as time passes or as somebody sets it."""

from datetime import timedelta

import pytest

from core import clock

_REAL = clock.now


def shift(monkeypatch: pytest.MonkeyPatch, **by: float) -> None:
    """Let the clock stand this far from the real one, forward or backward."""
    moved = timedelta(**by)
    monkeypatch.setattr(clock, "now", lambda: _REAL() + moved)
