"""The map of services: callers left of what they call, long ways round led between the boxes."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

WIDTH, HEIGHT = 148, 46
MOST_COLUMNS = 5
LEFT, TOP = 4, 30
GAP, LANE = 24, 22
SWEEPS = 4

Edge = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A service's place; `tone` is empty, warm (reached), hot (at fault), or ext (not in the catalogue)."""

    name: str
    x: int
    y: int
    tone: str

    @property
    def text_x(self) -> int:
        """Where its words begin."""
        return self.x + 9

    @property
    def name_y(self) -> int:
        """Base line of its name."""
        return self.y + 19

    @property
    def note_y(self) -> int:
        """Base line of its second line."""
        return self.y + 36

    @property
    def ring(self) -> tuple[int, int]:
        """Corner of the frame around the one that is selected."""
        return self.x - 4, self.y - 4

    @property
    def bars(self) -> tuple[tuple[int, int], ...]:
        """The three bars of its criticality, as corners."""
        return tuple((self.x + 124 + 6 * at, self.y + 9) for at in range(3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The map: boxes, lines as (path, tone), titles over the outer columns, and its size."""

    boxes: Sequence[Box]
    lines: Sequence[tuple[str, str]]
    titles: Sequence[tuple[int, str]]
    alone_y: int
    width: int
    height: int


@dataclass(slots=True)
class _Slot:
    """What stands in a column: a service, or the lane of a line that passes it. `at` is its middle."""

    name: str
    is_lane: bool
    at: float = 0.0

    @property
    def height(self) -> int:
        return LANE if self.is_lane else HEIGHT + GAP


def draw(names: Collection[str], edges: Iterable[Edge], tones: Mapping[str, str]) -> Drawing:
    """Lay out these services; edges are (caller, callee), and those to others are left out."""
    pairs = sorted({pair for pair in edges if pair[0] in names and pair[1] in names and pair[0] != pair[1]})
    linked = {name for pair in pairs for name in pair}
    columns = _columns(linked, pairs)
    slots, hops = _with_lanes(columns, pairs)
    step = WIDTH + (84 if len(slots) < MOST_COLUMNS else 60)
    bottom = _settle(slots, hops)
    boxes = [
        Box(name=slot.name, x=LEFT + at * step, y=TOP + round(slot.at) - HEIGHT // 2, tone=tones.get(slot.name, ""))
        for at, column in enumerate(slots)
        for slot in column
        if not slot.is_lane
    ]
    wide = max(len(slots), 4)
    alone_y = TOP + bottom if linked else 0
    lonely = sorted(set(names) - linked)
    boxes += [
        Box(name=name, x=LEFT + i % wide * step, y=alone_y + 24 + i // wide * (HEIGHT + GAP), tone=tones.get(name, ""))
        for i, name in enumerate(lonely)
    ]
    rows = -(-len(lonely) // wide)
    last = LEFT + (len(slots) - 1) * step
    return Drawing(
        boxes=boxes,
        lines=_lines(slots, pairs, step, tones),
        titles=((LEFT, "Nothing here calls these"), (last, "These call nothing here")) if len(slots) > 1 else (),
        alone_y=alone_y + 10 if lonely else 0,
        width=LEFT * 2 + (wide - 1) * step + WIDTH,
        height=alone_y + (24 + rows * (HEIGHT + GAP) if lonely else 0),
    )


def reached(faults: Collection[str], edges: Iterable[Edge]) -> dict[str, int]:
    """Every service that needs one of these, directly or not, and over how many calls at least; 0 for themselves."""
    above: dict[str, set[str]] = defaultdict(set)
    for caller, callee in edges:
        above[callee].add(caller)
    far = dict.fromkeys(faults, 0)
    edge, hops = set(faults), 0
    while edge:
        hops += 1
        edge = {caller for name in edge for caller in above[name]} - far.keys()
        far |= dict.fromkeys(edge, hops)
    return far


def _columns(names: Collection[str], pairs: Sequence[Edge]) -> dict[str, int]:
    """The column of each service: those in a circle of calls together, what calls nothing in the last."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(sorted(names))
    graph.add_edges_from(pairs)
    rings = nx.condensation(graph)
    deep: dict[int, int] = {}
    for level, together in enumerate(nx.topological_generations(rings)):
        deep |= dict.fromkeys(together, level)
    most = max(deep.values(), default=0)
    last = min(most, MOST_COLUMNS - 1)
    found: dict[str, int] = {}
    for ring, level in deep.items():
        ends = rings.out_degree(ring) == 0 and level > 0
        between = max(1, min(round(level * last / most), last - 1)) if level else 0
        column = last if ends else between
        found |= dict.fromkeys(rings.nodes[ring]["members"], column)
    return found


def _with_lanes(columns: Mapping[str, int], pairs: Sequence[Edge]) -> tuple[list[list[_Slot]], dict[int, list[_Slot]]]:
    """Columns of slots, and the slots that each is joined to. Lines to one callee share their lanes."""
    count = max(columns.values(), default=-1) + 1
    slots: list[list[_Slot]] = [[] for _ in range(count)]
    here: dict[tuple[str, int], _Slot] = {}
    for name in sorted(columns):
        here[name, columns[name]] = _Slot(name, is_lane=False)
    joined: dict[int, list[_Slot]] = defaultdict(list)
    for caller, callee in pairs:
        before = here[caller, columns[caller]]
        for at in range(columns[caller] + 1, columns[callee] + 1):
            after = here.setdefault((callee, at), _Slot(callee, is_lane=True))
            joined[id(before)].append(after)
            joined[id(after)].append(before)
            before = after
    for (_, at), slot in here.items():
        slots[at].append(slot)
    return slots, joined


def _settle(slots: Sequence[list[_Slot]], joined: Mapping[int, Sequence[_Slot]]) -> int:
    """Order each column by what its slots are joined to, and place them near it; how high it came."""
    high = max((sum(slot.height for slot in column) for column in slots), default=0)
    for column in slots:
        _stack(column, high)
    for sweep in range(SWEEPS):
        for column in slots if sweep % 2 == 0 else reversed(slots):
            for slot in column:
                others = joined.get(id(slot), ())
                slot.at = sum(other.at for other in others) / len(others) if others else slot.at
            column.sort(key=lambda slot: (slot.at, slot.name))
            _stack(column, high)
    return high


def _stack(column: Sequence[_Slot], high: int) -> None:
    """Keep slots apart in their order, each near where it wants to be: between pushed down and pushed up."""
    down, up, free, limit = [], [], 0.0, float(high)
    for slot in column:
        down.append(max(slot.at, free + slot.height / 2))
        free = down[-1] + slot.height / 2
    for slot in reversed(column):
        up.append(min(slot.at, limit - slot.height / 2))
        limit = up[-1] - slot.height / 2
    free = 0.0
    for slot, low, top in zip(column, down, reversed(up), strict=True):
        slot.at = max((low + top) / 2, free + slot.height / 2)
        free = slot.at + slot.height / 2
    limit = float(high)
    for slot in reversed(column):
        slot.at = min(slot.at, limit - slot.height / 2)
        limit = slot.at - slot.height / 2


def _lines(
    slots: Sequence[Sequence[_Slot]], pairs: Sequence[Edge], step: int, tones: Mapping[str, str]
) -> list[tuple[str, str]]:
    where = {slot.name: (at, slot.at) for at, column in enumerate(slots) for slot in column if not slot.is_lane}
    lanes = {(slot.name, at): slot.at for at, column in enumerate(slots) for slot in column if slot.is_lane}
    drawn = []
    for caller, callee in pairs:
        (begin, from_y), (end, to_y) = where[caller], where[callee]
        middles = [(at, lanes[callee, at]) for at in range(begin + 1, end)]
        drawn.append((_path(begin, from_y, end, to_y, middles, step), _tone(caller, callee, tones)))
    return sorted(drawn, key=lambda one: ("", "warm", "hot").index(one[1]))  # what matters is drawn last, on top


def _path(begin: int, from_y: float, end: int, to_y: float, middles: Sequence[tuple[int, float]], step: int) -> str:
    x, y = LEFT + begin * step + WIDTH, TOP + round(from_y)
    if end <= begin:  # within a column, or back: out and in on the right
        right, last = LEFT + end * step + WIDTH, TOP + round(to_y)
        return f"M{x} {y}C{x + 40} {y} {right + 40} {last} {right} {last}"
    path = f"M{x} {y}"
    for at, lane in (*middles, (end, to_y)):
        left, level = LEFT + at * step, TOP + round(lane)
        half = (x + left) // 2
        path += f"C{half} {y} {half} {level} {left} {level}"
        if at != end:
            path += f"H{left + WIDTH}"
        x, y = left + WIDTH, level
    return path


def _tone(caller: str, callee: str, tones: Mapping[str, str]) -> str:
    ends = (tones.get(caller, ""), tones.get(callee, ""))
    if ends == ("hot", "hot"):
        return "hot"
    return "warm" if set(ends) <= {"hot", "warm"} else ""
