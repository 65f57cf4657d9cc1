"""Lines through points, as SVG path data."""

from collections.abc import Sequence

Point = tuple[float, float]


def line(points: Sequence[Point], *, gap: float = float("inf")) -> str:
    """A path through the points; a step in x wider than `gap` breaks it."""
    parts: list[str] = []
    before: float | None = None
    for x, y in points:
        new = before is None or x - before > gap
        parts.append(f"{'M' if new else 'L'}{x:.1f} {y:.1f}")
        before = x
    return "".join(parts)


def beyond(values: Sequence[float], limit: float | None, *, above: bool) -> list[tuple[int, int]]:
    """Index ranges (first, last) whose values lie on the bad side of the limit."""
    if limit is None:
        return []
    runs: list[tuple[int, int]] = []
    start: int | None = None
    for at, value in enumerate(values):
        bad = value > limit if above else value < limit
        if bad and start is None:
            start = at
        if not bad and start is not None:
            runs.append((start, at - 1))
            start = None
    if start is not None:
        runs.append((start, len(values) - 1))
    return runs


def heavy(points: Sequence[Point], runs: Sequence[tuple[int, int]], *, gap: float = float("inf")) -> str:
    """The path of the parts beyond the limit, each joined to the point before it."""
    return "".join(line(points[max(0, first - 1) : last + 1], gap=gap) for first, last in runs)
