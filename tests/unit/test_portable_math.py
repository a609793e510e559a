"""Features and probabilities have the same bits with and without the newer instructions of the processor."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy
import pytest

from saaf.cleaning.model.portable_math import LOG_STEP, PROBABILITY_STEP, log1p, sigmoid

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "seeds").glob("*/*.html"))[::8]
# Prints a digest of all features and probabilities of some pages, and of a text.
DIGEST = """
import hashlib, sys
from pathlib import Path
from saaf import cleaning
from saaf.cleaning.model.analysis import analyse_blocks
from saaf.cleaning.model.predict import all_features, probabilities
digest = hashlib.sha256()
for path in sys.argv[1:]:
    page = cleaning.read(cleaning.Page(url=None, body=Path(path).read_bytes()))
    for document in (page, cleaning.clean_text(page.text).document):
        analysis = analyse_blocks(document)
        for name, column in sorted(all_features(analysis).items()):
            digest.update(name.encode() + column.tobytes())
        digest.update(probabilities(analysis).tobytes())
print(digest.hexdigest())
"""


def _digest(**environment: str) -> str:
    command = [sys.executable, "-W", "ignore", "-c", DIGEST, *map(str, PAGES)]
    run = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False, cwd=ROOT)
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="other systems' libraries cannot be told to do without")
def test_features_and_probabilities_have_the_same_bits_without_new_instructions() -> None:
    assert len(PAGES) >= 5
    without = " ".join(numpy.show_config(mode="dicts")["SIMD Extensions"]["found"])
    tunables = "glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX2,-FMA,-FMA4"
    assert _digest(NPY_DISABLE_CPU_FEATURES=without, GLIBC_TUNABLES=tunables) == _digest()


def test_logarithms_are_close_and_in_whole_steps() -> None:
    values = numpy.concatenate([numpy.arange(5000), numpy.arange(5000) / 1.7])
    found = log1p(values)
    assert numpy.abs(found - numpy.log1p(values)).max() <= LOG_STEP
    assert (found / LOG_STEP == numpy.round(found / LOG_STEP)).all()
    assert log1p(0) == 0


def test_no_logarithm_of_a_length_is_near_the_edge_of_a_step() -> None:
    # An inexact logarithm errs by 1e-15; a length nearer to the edge than that would depend on the machine.
    lengths = numpy.arange(1_000_000)
    values = numpy.concatenate([lengths, lengths / 1.7, lengths + lengths[::-1] / 1.7])
    place = numpy.log1p(values) / LOG_STEP + 0.37
    assert numpy.abs(place - numpy.round(place)).min() > 1e-9


def test_probabilities_are_close_and_in_whole_steps() -> None:
    odds = numpy.linspace(-40, 40, 10001)
    found = sigmoid(odds)
    assert numpy.abs(found - 1 / (1 + numpy.exp(-odds))).max() <= PROBABILITY_STEP
    assert found.min() >= 0
    assert found.max() <= 1
    assert sigmoid(0) == 0.5
    assert (numpy.diff(found) >= 0).all()
