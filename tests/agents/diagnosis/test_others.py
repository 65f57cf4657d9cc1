"""More load: a rush is one, the opening of the shop is none."""

import numpy as np

from agents.diagnosis.others import load
from tests.agents.synthetic import checkout, facts, flat, series, stepped


def test_a_rush_of_requests_is_told_as_one():
    found = load(facts(checkout(requests=series("requests", stepped(20, 80, at=60, noise=0.05)))))

    assert found.probability > 0.5
    assert found.title == "More load than checkout can take"


def test_the_opening_of_the_shop_is_no_rush():
    opening = np.concatenate([np.linspace(0, 20, 10), flat(20, 0.05, count=25)])

    found = load(facts(checkout(requests=series("requests", opening))))

    assert found.probability < 0.1


def test_a_rush_soon_after_the_opening_is_still_seen():
    rush = np.concatenate([np.linspace(0, 20, 10), flat(20, 0.05, count=25), flat(80, 0.05, count=20)])

    found = load(facts(checkout(requests=series("requests", rush))))

    assert found.probability > 0.5
