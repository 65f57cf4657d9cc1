import pytest

from connectors.servicenow.cmdb import needs, services


def row(sys_id, name, **more):
    return {"sys_id": field(sys_id), "name": field(name), **{key: field(*value) for key, value in more.items()}}


def field(value, shown=None):
    return {"value": value, "display_value": value if shown is None else shown}


def test_a_service_takes_its_words_from_the_row():
    (found,), left = services(
        [
            row(
                "a" * 32,
                "Card Payments",
                used_for=("Production",),
                support_group=("b" * 32, "Payments Team"),
                busines_criticality=("1 - most critical",),
            )
        ],
        "elsewhere",
    )

    assert (found.slug, found.name, found.environment) == ("card-payments", "Card Payments", "production")
    assert (found.team, found.criticality) == ("payments-team", "critical")
    assert left == []


@pytest.mark.parametrize(
    ("said", "ours"), [("2 - somewhat critical", "important"), ("3 - less critical", "normal"), ("", "normal")]
)
def test_criticality_is_told_in_three_words(said, ours):
    (found,), _ = services([row("1", "Mail", busines_criticality=(said,))], "")

    assert found.criticality == ours


def test_a_row_without_an_environment_is_where_the_connection_is():
    (one, two), _ = services([row("1", "A"), row("2", "B", environment=("Test",))], "production")

    assert (one.environment, two.environment) == ("production", "test")


def test_two_of_one_name_are_one_always_the_same_and_it_is_said():
    rows = [row("2", "Mail!"), row("1", "mail")]

    found, left = services(rows, "")
    again, _ = services(rows[::-1], "")

    assert [one.sys_id for one in found] == [one.sys_id for one in again] == ["1"]
    assert left == ["'Mail!' is there more than once; the one with the id 1 was taken."]


@pytest.mark.parametrize("name", ["", "   ", "???", "\u202e", None, 7, {"value": "x" * 5}])
def test_a_name_that_cannot_be_written_is_left_out_and_nothing_breaks(name):
    found, left = services([row("1", name), {"sys_id": field("2")}, {}], "")

    assert len(found) + len(left) == 3


def test_long_names_fit_the_catalogue():
    (found,), _ = services([row("1", "x" * 400, support_group=("", "t" * 400), used_for=("e" * 400,))], "")

    assert (len(found.slug), len(found.name), len(found.team), len(found.environment)) == (120, 120, 80, 80)


def test_only_dependencies_on_services_that_were_found_count():
    def relation(child, kind):
        return {"parent": field("1"), "child": field(child), "type": field("t" * 32, kind)}

    rows = [
        relation("2", "Depends on::Used by"),
        relation("3", "USES::Used by"),
        relation("4", "Contains::Contained by"),
        relation("9", "Depends on::Used by"),
        {},
    ]

    assert needs(rows, {"2": "inventory", "3": "mail", "4": "disk"}) == ({"inventory", "mail"}, 3)
