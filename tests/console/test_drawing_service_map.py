from itertools import pairwise

from console.drawing.service_map import GAP, HEIGHT, WIDTH, draw, reached

SHOP = [("web", "checkout"), ("checkout", "payments"), ("payments", "db"), ("web", "db"), ("app", "checkout")]
NAMES = {name for pair in SHOP for name in pair}


def places(drawn):
    return {box.name: box for box in drawn.boxes}


def test_callers_stand_left_of_what_they_call_and_no_box_on_another():
    drawn = draw(NAMES | {"alone"}, SHOP, {})
    at = places(drawn)

    assert all(at[caller].x + WIDTH < at[callee].x for caller, callee in SHOP)
    assert at["alone"].y > drawn.alone_y > max(box.y for box in drawn.boxes if box.name != "alone")
    for column in {box.x for box in drawn.boxes}:
        stacked = sorted(box.y for box in drawn.boxes if box.x == column)
        assert all(below - above >= HEIGHT + GAP - 1 for above, below in pairwise(stacked))
    assert all(0 <= box.x <= drawn.width - WIDTH and 0 <= box.y <= drawn.height - HEIGHT for box in drawn.boxes)


def test_a_circle_of_calls_is_drawn_too():
    drawn = draw({"a", "b", "c"}, [("a", "b"), ("b", "a"), ("b", "c"), ("c", "c")], {})

    assert len(drawn.boxes) == 3
    assert len(drawn.lines) == 3


def test_lines_say_what_is_at_fault_and_what_it_reaches_and_those_come_last():
    drawn = draw(NAMES, SHOP, {"payments": "hot", "db": "hot", "checkout": "warm"})

    assert [tone for _, tone in drawn.lines] == ["", "", "", "warm", "hot"]


def test_a_fault_reaches_its_callers_by_the_shortest_way():
    assert reached({"db"}, SHOP) == {"db": 0, "payments": 1, "web": 1, "checkout": 2, "app": 3}
    assert reached({"a"}, [("a", "b"), ("b", "a")]) == {"a": 0, "b": 1}
    assert reached(set(), SHOP) == {}


def test_a_long_chain_and_nothing_at_all_are_drawn():
    chain = [(f"s{n:02}", f"s{n + 1:02}") for n in range(12)]
    drawn = draw({name for pair in chain for name in pair}, chain, {})

    assert len({box.x for box in drawn.boxes}) == 5
    assert len(drawn.lines) == 12
    assert draw(set(), [], {}).boxes == []
