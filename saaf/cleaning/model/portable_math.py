"""Logarithms and probabilities that have the same bits on every machine.

Logarithm and exponential differ in their last bits between processors: numpy has code of its own for AVX-512, the C
library for FMA. Sums in a fixed order, products and quotients do not: IEEE 754 says how each is rounded. So both are
computed in float64, where they err by about 1e-16 of their value, and rounded to a step far wider than that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

LOG_STEP: Final = 2.0**-12
"""The unit of logarithms: each is a whole multiple."""
PROBABILITY_STEP: Final = 2.0**-16
"""The unit of probabilities."""
# Where in a step values are rounded up rather than down. Half would be a tie for many simple fractions, which the last
# bit of an inexact result would decide.
_TIE: Final = 0.37


def log1p(values: ArrayLike) -> NDArray[Any]:
    """Return log(1 + value) of each value, all of them at least 0, `float64`, in whole `LOG_STEP`s."""
    return _in_steps(numpy.log1p(numpy.asarray(values, dtype=numpy.float64)), LOG_STEP)


def sigmoid(log_odds: ArrayLike) -> NDArray[Any]:
    """Return the probability of each log-odds, `float64` in [0, 1], in whole `PROBABILITY_STEP`s."""
    clipped = numpy.clip(numpy.asarray(log_odds, dtype=numpy.float64), -30, 30)
    return _in_steps(1 / (1 + numpy.exp(-clipped)), PROBABILITY_STEP)


def softmax(log_odds: ArrayLike) -> NDArray[Any]:
    """Return the probabilities of classes, along the last axis, `float64` in [0, 1], in whole `PROBABILITY_STEP`s."""
    values = numpy.asarray(log_odds, dtype=numpy.float64)
    differences = numpy.clip(values[..., None, :] - values[..., :, None], -30, 30)
    return _in_steps(1 / numpy.exp(differences).sum(axis=-1), PROBABILITY_STEP)


def _in_steps(values: NDArray[numpy.float64], step: float) -> NDArray[Any]:
    return numpy.asarray(numpy.floor(values / step + _TIE) * step)
