"""A small trainer of language models in fastText's file format: naive Bayes over words, written as its two matrices."""

from __future__ import annotations

import math
import struct
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

_SOFTMAX, _SUPERVISED = 3, 3


def train(path: Path, texts: dict[str, list[str]], *, model: int = _SUPERVISED) -> Path:
    """Write a model that has learned the words of `texts`, by label, and return its path.

    The vector of a word has a value for each label, the logarithm of its probability there; that of a label is a unit
    vector. So the mean of a text's word vectors, times the labels' matrix, is naive Bayes over its mean word.
    """
    labels = sorted(texts)
    counts = {label: Counter(" ".join(texts[label]).split()) for label in labels}
    words = sorted(set().union(*counts.values()))
    vectors = [
        [math.log((counts[label][word] + 0.1) / (sum(counts[label].values()) + 0.1 * len(words))) for label in labels]
        for word in words
    ]
    entries = [(word, 0) for word in words] + [(f"__label__{label}", 1) for label in labels]
    arguments = struct.pack("<12id", len(labels), 5, 5, 1, 5, 1, _SOFTMAX, model, 0, 0, 0, 100, 0.0001)
    dictionary = struct.pack("<3i2q", len(entries), len(words), len(labels), sum(map(len, words)), -1)
    dictionary += b"".join(word.encode() + b"\0" + struct.pack("<qb", 1, kind) for word, kind in entries)
    matrices = (np.array(vectors, "<f4"), np.eye(len(labels), dtype="<f4"))
    content = b"".join(
        b"\0" + struct.pack("<2q", *matrix.shape) + matrix.astype("<f4").tobytes() for matrix in matrices
    )
    path.write_bytes(struct.pack("<2i", 793712314, 12) + arguments + dictionary + content)
    return path
