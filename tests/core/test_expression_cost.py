"""A condition that could take hours or all memory is refused before it is ever asked."""

import pytest

from core.expression_cost import is_too_dear
from core.expressions import ExpressionError, compile_condition

TEN = "[0,1,2,3,4,5,6,7,8,9]"


@pytest.mark.parametrize(
    "source",
    [
        '["x"]' + ".map(a, a + a)" * 40 + ".exists(b, b.size() > 3)",
        f"{TEN}.all(a, {TEN}.all(b, {TEN}.all(c, true)))",
        f"{TEN}.all (a, {TEN}.exists // a remark\n(b, {TEN}.existsOne(c, true)))",
        "[[" + ",".join(["title"] * 200) + "]].exists(a, [" + ",".join(["a"] * 200) + "] == [])",
        "[title].exists(a, a" + " + a" * 201 + ' == "")',
        "[title].map(a, a" + " + a" * 25 + ").map(b, b" + " + b" * 25 + ").exists(c, c == '')",
        "labels.exists(a, true) || labels.exists(b, true) || labels.exists(c, true) || labels.exists(d, true)",
    ],
)
def test_what_multiplies_itself_is_refused_with_what_to_do(source):
    with pytest.raises(ExpressionError, match=r"too many loops.*Use matches\(\)"):
        compile_condition(source)


@pytest.mark.parametrize(
    "source",
    [
        'labels.exists(k, ["a", "b"].exists(p, k.startsWith(p))) && !labels.all(k, k == "x")',
        "labels.exists(k, k in [" + ",".join(['"a"'] * 150) + "])",
        "title in [" + ",".join(['"a"'] * 200) + "]",
        'title == "map(map(map(map(" && description == r"all(\\" || labels.map == "x"',
        '"""exists("exists(exists(exists(""" == title',
        "title == 'a' // all(all(all(all(\n",
        "(" * 20 + 'title.contains("x")' + ")" * 20,
    ],
)
def test_what_people_write_is_taken(source):
    assert not is_too_dear(source)
    compile_condition(source)
