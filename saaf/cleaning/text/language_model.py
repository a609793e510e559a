"""The language identifier's model: `py3langid`'s own file, unpacked once for all processes.

The package's file is an LZMA archive of 67 MB of arrays; to unpack it takes a process 0.36 s of CPU, more than all of
trafilatura. Unpacked in the cache it is mapped into memory, where processes share it. The values are the same.
"""

from __future__ import annotations

import math
from functools import cache, cached_property, partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unicodedata import normalize

import numpy
from py3langid import langid
from py3langid.langid import MODEL_FILE, visit_counts
from py3langid.modelio import load_model

from saaf.cleaning.disk_cache import cached_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

    from numpy.typing import NDArray

_ARRAYS: Final = ("probabilities", "priors", "classes", "transitions", "rows", "features")
"""The arrays of the model, in the order of `py3langid.modelio.load_model`."""


_NUMBA_MIN_BYTES: Final = 1 << 21
"""Bytes of text in which the automaton is walked in Python: a second and a half, which loading numba takes too."""


class Identifier:
    """`py3langid`'s classifier, naive Bayes over byte n-grams, whose automaton runs compiled where numba is installed
    and there is enough to do: the same bits either way.

    `labels` are its languages, one for each column of the model; one that stands twice has its probability in the
    first.
    """

    def __init__(self, arrays: Sequence[Any]) -> None:
        probabilities, priors, labels, transitions, rows, features = arrays
        self.labels: list[str] = [str(label) for label in labels]
        self._log_probabilities = numpy.asarray(probabilities)
        self._priors = numpy.array(priors)
        self._automaton = (numpy.asarray(transitions), numpy.asarray(rows), numpy.asarray(features))
        self._copies = [(self.labels.index(label), column) for column, label in enumerate(self.labels)]
        self._copies = [(first, column) for first, column in self._copies if first != column]
        self._bytes_read = 0

    def probabilities(self, text: str) -> NDArray[numpy.float64]:
        """Return the probability of each of `labels`, float64[n]: of naive Bayes, as `py3langid` calibrates it."""
        encoded = normalize("NFC", text.lower() if text.isupper() else text).encode("utf-8", "surrogatepass")
        scores = self._scores(encoded)
        scores *= 1.0 / math.sqrt(len(encoded) or 1)
        numpy.exp(scores - scores.max(), out=scores)
        scores /= scores.sum()
        for first, copy in self._copies:
            scores[first] += scores[copy]
            scores[copy] = 0.0
        return scores

    def load_compiled(self) -> None:
        """Load the compiled loop now, where numba is installed, and use it from the first text on."""
        if _load_numba() is not None:
            self._bytes_read = max(self._bytes_read, _NUMBA_MIN_BYTES)

    def _scores(self, encoded: bytes) -> NDArray[numpy.float64]:
        """Return the logarithm of the likelihood for each label; features count in the order of their first."""
        self._bytes_read += len(encoded)
        compiled = _load_numba() if self._bytes_read >= _NUMBA_MIN_BYTES else None
        if compiled is None:
            visits = visit_counts(*self._as_python, encoded) or {}
            features = numpy.fromiter(visits.keys(), numpy.int64, len(visits))
            counts = numpy.fromiter(visits.values(), numpy.float32, len(visits))
        else:
            features, counts = compiled.count_features(self._arrays, numpy.frombuffer(encoded, numpy.uint8), self._seen)
        if not len(features):
            return numpy.zeros(len(self.labels))
        # Row by row in float64, and no product of matrices, whose bits depend on the processor and on the arrays'
        # layout: a score is rounded to four digits, to which the error of float32 is not small enough.
        weighted = self._log_probabilities[features].astype(numpy.float64)
        weighted *= numpy.log1p(counts.astype(numpy.float64))[:, None]
        scores: NDArray[numpy.float64] = weighted.sum(axis=0) + self._priors
        return scores

    @cached_property
    def _as_python(self) -> tuple[memoryview, list[int], list[int]]:
        """The automaton as `visit_counts` wants it: an item of a memoryview or a list is a Python integer."""
        transitions, rows, features = self._automaton
        return transitions.data, (rows.astype(numpy.int64) << 8).tolist(), features.tolist()

    @cached_property
    def _arrays(self) -> tuple[NDArray[Any], NDArray[numpy.int64], NDArray[numpy.int32]]:
        transitions, rows, features = self._automaton
        return transitions, rows.astype(numpy.int64) << 8, features.astype(numpy.int32)

    @cached_property
    def _seen(self) -> NDArray[numpy.int32]:
        return numpy.zeros(len(self._log_probabilities), numpy.int32)


@cache
def _load_numba() -> ModuleType | None:
    try:
        from saaf.cleaning.text import language_numba  # noqa: PLC0415  # loads numba, which takes half a second
    except ImportError:
        return None
    return language_numba


def load_identifier() -> Identifier:
    """Return the identifier over all its languages, with normalised probabilities.

    A constant read from the package's own file: no network, and the same in every process.
    """
    packed = Path(langid.__file__).parent / MODEL_FILE
    source = sha256(packed.read_bytes()).digest()
    unpacked = cache(lambda: load_model(packed))  # once for all arrays, and not at all where they are in the cache
    files = [
        cached_file(f"langid_{name}.npy", [source], partial(_write, unpacked, number))
        for number, name in enumerate(_ARRAYS)
    ]
    try:
        arrays = [numpy.load(path, mmap_mode="r", allow_pickle=False) for path in files if path is not None]
    except (OSError, ValueError):
        arrays = []
    return Identifier(arrays if len(arrays) == len(_ARRAYS) else unpacked())


def _write(unpacked: Callable[[], tuple[Any, ...]], number: int, path: Path) -> None:
    with path.open("wb") as stream:
        numpy.save(stream, numpy.asarray(unpacked()[number]), allow_pickle=False)
