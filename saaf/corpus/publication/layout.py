"""The files of a published corpus: its subsets, the shards of a directory, what its manifest lists."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from saaf.corpus.file_names import CARD, CROISSANT, DATA, DIRECTORIES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def subsets(corpus: Path) -> list[str]:
    """Return the names of the subsets of a corpus ("hin_Deva"), the directories in data/ that have a file, sorted."""
    return sorted({path.parent.name for path in (corpus / DATA).glob("*/*.parquet")})


def shards(directory: Path) -> list[Path]:
    """Return the Parquet files of a directory in the order of their rows."""
    return sorted(directory.glob("*.parquet"))


def published_files(corpus: Path) -> Iterator[str]:
    """Yield the files of a corpus that its manifest lists, relative, with "/", sorted: of the card and the directories
    of the layout, never of the work of a build or the capture of a crawl.
    """
    for name in (CARD, CROISSANT):
        if (corpus / name).is_file():
            yield name
    for directory in sorted(DIRECTORIES):
        found = [path for path in (corpus / directory).rglob("*") if path.is_file() and not path.name.startswith(".")]
        yield from sorted(path.relative_to(corpus).as_posix().replace(os.sep, "/") for path in found)
