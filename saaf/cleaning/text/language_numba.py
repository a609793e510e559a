"""The automaton of the language identifier compiled by numba: the same features, in less time.

Only `saaf.cleaning.text.language_model` imports this module, where there is enough to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numba
import numpy

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Automaton = tuple[NDArray[numpy.uint32], NDArray[numpy.int64], NDArray[numpy.int32]]


def _count_features(
    automaton: Automaton, text: NDArray[numpy.uint8], seen: NDArray[numpy.int32]
) -> tuple[NDArray[numpy.int64], NDArray[numpy.float32]]:
    """Return which features a text has, in the order of their first, and how often each.

    `automaton` is the transitions, for each state where its own begin in these, and its feature or -1. `seen` has a
    zero for each feature, before and after.
    """
    transitions, starts, outputs = automaton
    features = numpy.empty(len(text), numpy.int64)
    state, found = 0, 0
    for byte in text:
        state = transitions[starts[state] + byte]
        feature = outputs[state]
        if feature >= 0:
            if seen[feature] == 0:
                features[found] = feature
                found += 1
            seen[feature] += 1
    counts = numpy.empty(found, numpy.float32)
    for place in range(found):
        counts[place] = seen[features[place]]
        seen[features[place]] = 0
    return features[:found].copy(), counts


# numba's decorator has no types; this keeps those of the function.
count_features: Callable[
    [Automaton, NDArray[Any], NDArray[Any]], tuple[NDArray[numpy.int64], NDArray[numpy.float32]]
] = cast("Any", numba.njit(cache=True, error_model="numpy")(_count_features))
