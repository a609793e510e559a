"""The figures of a corpus whose build has ended, from its manifest alone: it names each file with its rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from saaf.corpus.file_names import DATA, REJECTED
from saaf.corpus.manifest import read_manifest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusStatus:
    """The figures of a corpus: its documents, those that were read and left out, and its documents by subset.

    `languages` has the subsets by language and script ("hin_Deva"), most documents first.
    """

    documents: int
    rejected: int
    languages: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """Return the figures as values of JSON."""
        return {"finished": True, **asdict(self)}


def corpus_status(directory: Path) -> CorpusStatus | None:
    """Return the figures of the corpus in a directory, None where there is none with a manifest that can be read."""
    manifest = read_manifest(directory)
    if manifest is None or not (directory / DATA).is_dir():
        return None
    languages: Counter[str] = Counter()
    rejected = 0
    for name, entry in manifest["files"].items():
        table, _, rest = name.partition("/")
        rows = entry.get("rows") if isinstance(entry, dict) else None
        if not isinstance(rows, int):
            continue
        if table == DATA:
            languages[rest.partition("/")[0]] += rows
        elif table == REJECTED:
            rejected += rows
    by_size = dict(sorted(languages.items(), key=lambda item: (-item[1], item[0])))
    return CorpusStatus(documents=sum(languages.values()), rejected=rejected, languages=by_size)
