from connectors.reasons import LONGEST, NO_REASON, shape


def test_reasons_that_differ_in_numbers_and_quoted_words_are_one():
    one = shape("Field 'alerts' is missing at line 3, column 14.")
    assert (
        one == shape('Field "incidents" is missing at line 12, column 9.') == "Field … is missing at line #, column #."
    )


def test_nothing_and_far_too_much_have_a_shape_too():
    assert shape("") == shape(" \n ") == NO_REASON
    assert len(shape("x" * 10_000)) == LONGEST
    assert shape("'" * 5000)
