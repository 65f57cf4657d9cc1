"""Who is affected: the service graph in layers, callers to the left of what they call."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

NODE_WIDTH, NODE_HEIGHT = 88, 38
COLUMN, ROW = 118, 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A service, placed. `tone` is empty, warm (reached) or hot (at fault); `act`: the plan touches it."""

    name: str
    x: int
    y: int
    tone: str
    act: bool
    note: str

    @property
    def note_class(self) -> str:
        """Class of the second line."""
        return {"hot": "r", "warm": "o"}.get(self.tone, "m")

    @property
    def text_x(self) -> int:
        """Where the texts begin."""
        return self.x + 8

    @property
    def name_y(self) -> int:
        """Base line of the name."""
        return self.y + 16

    @property
    def note_y(self) -> int:
        """Base line of the note."""
        return self.y + 30

    @property
    def frame(self) -> tuple[int, int]:
        """Corner of the dashed frame around a service that the plan touches."""
        return self.x - 3, self.y - 3

    @property
    def label(self) -> tuple[int, int]:
        """Where "changed" stands."""
        return self.x + NODE_WIDTH // 2, self.y - 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A dependency, drawn."""

    path: str
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """The drawing, and the same as a sentence."""

    nodes: Sequence[Node]
    edges: Sequence[Edge]
    width: int
    height: int
    reached: int
    sentence: str


def place(edges: Iterable[tuple[str, str]], *, fault: str, touched: Iterable[str]) -> Map:
    """Lay out what depends on `fault` and what it needs; edges are (caller, callee)."""
    pairs = sorted(set(edges))
    acts = set(touched)
    callers = _closure(fault, [(callee, caller) for caller, callee in pairs])
    near = callers | _closure(fault, pairs) | {fault}
    near |= {callee for caller, callee in pairs if caller in callers}
    pairs = [(caller, callee) for caller, callee in pairs if caller in near and callee in near]
    columns = _columns(near, pairs)
    nodes = _nodes(columns, fault=fault, callers=callers, acts=acts)
    by_name = {node.name: node for node in nodes}
    drawn = [_edge(by_name[caller], by_name[callee], fault, callers) for caller, callee in pairs]
    rows = max(len(names) for names in columns)
    return Map(
        nodes=nodes,
        edges=drawn,
        width=max(350, len(columns) * COLUMN - 30),
        height=rows * ROW + (26 if any(_skips(by_name[a], by_name[b]) for a, b in pairs) else 4),
        reached=len(callers) + 1,
        sentence=_sentence(fault, callers, near),
    )


def _closure(start: str, pairs: Sequence[tuple[str, str]]) -> set[str]:
    found: set[str] = set()
    edge = {start}
    while edge:
        edge = {target for source, target in pairs if source in edge} - found - {start}
        found |= edge
    return found


def _columns(names: set[str], pairs: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Longest-path layering; a cycle stops after as many rounds as there are services."""
    depth = dict.fromkeys(names, 0)
    for _ in names:
        for caller, callee in pairs:
            if depth[callee] <= depth[caller] < len(names):
                depth[callee] = depth[caller] + 1
    used = sorted(set(depth.values()))[:4]
    columns: list[list[str]] = [[] for _ in used]
    for name in sorted(names):
        columns[min(used.index(depth[name]) if depth[name] in used else len(used) - 1, len(used) - 1)].append(name)
    return columns


def _nodes(columns: Sequence[Sequence[str]], *, fault: str, callers: set[str], acts: set[str]) -> list[Node]:
    rows = max(len(names) for names in columns)
    nodes = []
    for column, names in enumerate(columns):
        shift = (rows - len(names)) * ROW // 2
        for row, name in enumerate(names):
            tone = "hot" if name == fault else "warm" if name in callers else ""
            note = {"hot": "at fault", "warm": "reached"}.get(tone, "not reached")
            y = 20 + shift + row * ROW
            nodes.append(Node(name=name, x=column * COLUMN, y=y, tone=tone, act=name in acts, note=note))
    return nodes


def _edge(caller: Node, callee: Node, fault: str, callers: set[str]) -> Edge:
    x1, y1 = caller.x + NODE_WIDTH, caller.y + NODE_HEIGHT // 2
    x2, y2 = callee.x, callee.y + NODE_HEIGHT // 2
    tone = "-hot" if callee.name == fault else "-warm" if callee.name in callers else ""
    if _skips(caller, callee):
        low = max(caller.y, callee.y) + NODE_HEIGHT + 30
        bend = caller.x + NODE_WIDTH // 2
        return Edge(path=f"M{bend} {caller.y + NODE_HEIGHT}C{bend} {low} {x2 - 60} {low} {x2} {y2 + 10}", tone=tone)
    middle = (x1 + x2) / 2
    return Edge(path=f"M{x1} {y1}C{middle:.1f} {y1} {middle:.1f} {y2} {x2} {y2}", tone=tone)


def _skips(caller: Node, callee: Node) -> bool:
    """Whether an edge passes a column, so that it must go around what stands there."""
    return callee.x - caller.x > COLUMN


def _sentence(fault: str, callers: set[str], near: set[str]) -> str:
    reached = ", ".join(sorted(callers)) or "nothing else"
    rest = ", ".join(sorted(near - callers - {fault}))
    tail = f" Not reached: {rest}." if rest else ""
    return f"Service graph. {fault} is at fault. It reaches {reached}.{tail}"


def as_edges(rows: Iterable[Mapping[str, str]]) -> list[tuple[str, str]]:
    """Rows of the catalogue as pairs."""
    return [(row["caller"], row["callee"]) for row in rows]
