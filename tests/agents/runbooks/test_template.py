import pytest

from agents.runbooks import RunbookError, fill


def test_names_are_filled_in():
    assert (
        fill("Restart {service} in {environment}", {"service": "checkout", "environment": "lab"})
        == "Restart checkout in lab"
    )


def test_what_was_filled_in_is_not_read_again():
    assert fill("{subject}", {"subject": "{service} {0.__class__}", "service": "x"}) == "{service} {0.__class__}"


def test_an_unknown_name_is_refused():
    with pytest.raises(RunbookError, match="pod"):
        fill("{pod}", {"service": "checkout"})


@pytest.mark.parametrize("text", ["{service.__class__}", "{service!r}", "{0}", "{}", "{{service}}x"])
def test_there_are_no_expressions(text):
    assert "__class__'" not in fill(text, {"service": "checkout"})
    assert fill(text, {"service": "checkout"}) in {text, "{checkout}x"}
