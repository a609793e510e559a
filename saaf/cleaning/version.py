"""Which cleaning made a document: recorded in every row, so that a corpus can be traced and made again."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

_PACKAGE: Final = files("saaf.cleaning")
_GOLDEN_OUTPUT: Final = "golden_output.txt"
_DIGITS: Final = 12  # hexadecimal: two versions are alike by chance once in 280 million million


@cache
def rules_version() -> str:
    """Return the version of the cleaning: 12 hexadecimal digits that change wherever a page may come out otherwise.

    It is a digest of the language packs, the models, and the golden output: what the project's own pages come out as,
    which `python -m benchmarks.gate` compares with what the code makes of them.
    """
    return version_of(_PACKAGE)


def version_of(package: Traversable) -> str:
    """Return the version of the cleaning whose data files are in the directory `package`."""
    digest = hashlib.sha256((package / _GOLDEN_OUTPUT).read_bytes())
    for file in _data_files(package):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:_DIGITS]


def golden_output() -> str:
    """Return the SHA-256 of what the project's own pages come out as, which `benchmarks.gate` writes."""
    return (_PACKAGE / _GOLDEN_OUTPUT).read_text(encoding="ascii").strip()


@cache
def extractor() -> str:
    """Return the extractor and the libraries that vote in it, e.g. "saaf 0.2.0; trafilatura 2.3.1; justext 3.0.2"."""
    return "; ".join(f"{name} {version(name)}" for name in ("saaf", "trafilatura", "justext"))


def _data_files(package: Traversable) -> Iterator[Traversable]:
    """Yield the models and the language packs, each by name."""
    for folder, suffix in ((package / "model", ".npz"), (package / "phrases" / "languages", ".toml")):
        yield from sorted((one for one in folder.iterdir() if one.name.endswith(suffix)), key=lambda one: one.name)
