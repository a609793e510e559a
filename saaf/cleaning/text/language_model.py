"""The language identifier's model: `py3langid`'s own file, unpacked once for all processes.

The package's file is an LZMA archive of 67 MB of arrays; to unpack it takes a process 0.36 s of CPU, more than all of
trafilatura. Unpacked in the cache it is mapped into memory, where processes share it. The values are the same.
"""

from __future__ import annotations

from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy
from py3langid import langid
from py3langid.langid import MODEL_FILE, LanguageIdentifier
from py3langid.modelio import load_model

from saaf.cleaning.disk_cache import cached_file

if TYPE_CHECKING:
    from collections.abc import Callable


_ARRAYS: Final = ("probabilities", "priors", "classes", "transitions", "rows", "features")
"""The arrays of the model, in the order of `py3langid.modelio.load_model`."""


def load_identifier() -> LanguageIdentifier:
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
    if len(arrays) < len(_ARRAYS):
        return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    probabilities, priors, classes, transitions, rows, features = arrays
    return LanguageIdentifier(
        numpy.asarray(probabilities),
        numpy.array(priors),
        classes.tolist(),
        numpy.asarray(transitions).data,  # a memoryview: an item of it is a Python integer
        features.tolist(),
        norm_probs=True,
        tk_row=rows.tolist(),
    )


def _write(unpacked: Callable[[], tuple[Any, ...]], number: int, path: Path) -> None:
    with path.open("wb") as stream:
        numpy.save(stream, numpy.asarray(unpacked()[number]), allow_pickle=False)
