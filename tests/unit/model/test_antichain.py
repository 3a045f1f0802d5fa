"""The dearest set that can be at one time, against trying all of them."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yardarm_reconciler.model.antichain import dearest
from yardarm_reconciler.model.turns import before, circle, in_order


@st.composite
def orders(draw):
    """Up to eight things, each with a weight, each needing some of those before it."""
    names = [f"s{number}" for number in range(draw(st.integers(0, 8)))]
    needs = {
        name: draw(st.sets(st.sampled_from(names[:index]))) if index else set()
        for index, name in enumerate(names)
    }
    amounts = st.one_of(st.integers(0, 9), st.decimals("0", "9", places=2))
    return needs, {name: draw(amounts) for name in names}


def slow(needs, weights):
    """The weight of the heaviest set of which none comes before another, by trying each set."""
    earlier = before(needs)
    sets = [set(some) for size in range(len(needs) + 1) for some in combinations(needs, size)]
    fine = [some for some in sets if not any(earlier[name] & some for name in some)]
    return max(sum((Decimal(weights[name]) for name in some), Decimal(0)) for some in fine)


@settings(deadline=None)
@given(orders())
def test_no_other_set_is_dearer(order):
    """Whatever waits for whatever, and whatever it weighs, in whole numbers or in money."""
    needs, weights = order
    found = dearest(weights, before(needs))
    assert not any(before(needs)[name] & found for name in found)
    assert sum((Decimal(weights[name]) for name in found), Decimal(0)) == slow(needs, weights)


@given(orders())
def test_each_comes_after_all_that_it_needs(order):
    """And everything comes once."""
    needs, _ = order
    placed = {name: index for index, name in enumerate(in_order(needs))}
    assert placed.keys() == needs.keys()
    assert all(placed[each] < placed[name] for name in needs for each in needs[name])


@pytest.mark.parametrize(
    ("needs", "found"),
    [
        ({"a": set(), "b": {"a"}}, ()),
        ({"a": {"a"}}, ("a", "a")),
        ({"b": {"c"}, "c": {"d"}, "d": {"b"}, "a": {"b"}}, ("b", "c", "d", "b")),
    ],
)
def test_a_circle_is_told_from_its_first_member_on(needs, found):
    """Each needs the next one; what only waits for the circle is not in it."""
    assert circle(needs) == found


def test_a_hundred_steps_are_quick():
    """As many as a pipeline may have, each after all of the layer before."""
    layers = [[f"s{layer}-{number}" for number in range(10)] for layer in range(10)]
    needs = {
        name: set(layers[depth - 1]) if depth else set()
        for depth, layer in enumerate(layers)
        for name in layer
    }
    weights = {name: 3 if name.startswith("s4-") else 1 for name in needs}
    assert dearest(weights, before(needs)) == frozenset(layers[4])
