"""The head of a data set card: what the Hub and the library `datasets` read of a corpus (YAML between two lines ---).

Fields: https://huggingface.co/docs/hub/datasets-cards and https://huggingface.co/docs/hub/datasets-manual-configuration.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from saaf.corpus.file_names import DATA, SPLIT
from saaf.corpus.parquet import DamagedTableError
from saaf.corpus.publication.layout import shards
from saaf.corpus.publication.yaml_text import to_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from saaf.corpus.publication.statistics import CorpusStatistics, Statistics

DEFAULT = "default"
"""The name of the configuration of all subsets, which `load_dataset(OUT)` takes."""
_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
    (1_000_000_000, "100M<n<1B"),
    (10_000_000_000, "1B<n<10B"),
    (100_000_000_000, "10B<n<100B"),
    (1_000_000_000_000, "100B<n<1T"),
)
_LANGUAGE = re.compile("[a-z]{2,3}")
_LICENCE_NAME = re.compile("[a-z0-9][a-z0-9.+-]*")
# Creative Commons' deeds, as the Hub names them: by-sa/4.0, publicdomain/zero/1.0.
_CREATIVE_COMMONS = re.compile(
    r"(?:https?:)?//(?:www\.)?creativecommons\.org/(?:licenses/(by(?:-nc)?(?:-sa|-nd)?)/([1-4]\.[05])|publicdomain/(zero)/1\.0)"
    r"(?:/.*)?",
    re.IGNORECASE,
)
_ON_THE_HUB = (
    "cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 "
    "cc-by-nd-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cc0-1.0"
)


def front_matter(corpus: Path, statistics: CorpusStatistics, name: str, licence: str | None = None) -> list[str]:
    """Return the lines of the head of the card of a corpus. Raises `DamagedTableError` as `common_schema` does.

    `licence` is that of the collection, the Hub's name of it or another text, None where nobody says it.
    """
    total = statistics.total
    codes = sorted(code for code in total.counts.get("language", {}) if _LANGUAGE.fullmatch(code) and code != "und")
    schema = common_schema(corpus)
    head: dict[str, object] = {
        "pretty_name": name,
        **({"language": codes} if codes else {}),
        **_licence(licence or uniform_licence(total)),
        "task_categories": ["text-generation", "fill-mask"],
        "size_categories": [size_category(total.documents)],
        "multilinguality": ["multilingual" if len(statistics.subsets) > 1 else "monolingual"],
        "source_datasets": ["original"],
        "tags": ["web", "corpus", "saaf", "croissant"],
    }
    if statistics.subsets:
        paths = {DEFAULT: f"{DATA}/*/{SPLIT}-*.parquet"}
        paths |= {subset: f"{DATA}/{subset}/{SPLIT}-*.parquet" for subset in statistics.subsets}
        head["configs"] = [
            {"config_name": config, "data_files": [{"split": SPLIT, "path": path}]} for config, path in paths.items()
        ]
        sizes = {DEFAULT: total, **statistics.subsets}
        head["dataset_info"] = [_dataset_info(config, schema, size) for config, size in sizes.items()]
    return ["---", *to_yaml(head), "---"]


def _licence(name: str | None) -> dict[str, str]:
    """Return the fields of a licence: what is no name on the Hub is linked, or named, under "other"."""
    known = licence_id(name) if name else None
    if name is None or known or _LICENCE_NAME.fullmatch(name):
        return {"license": known or name or "other"}
    link = {"license_link": name} if name.startswith(("https://", "http://")) else {"license_name": name}
    return {"license": "other", **link}


def common_schema(corpus: Path) -> pa.Schema:
    """Return the schema of the documents of a corpus, without columns where it has none.

    Raises `DamagedTableError` where two shards have different columns: nobody could load them together.
    """
    found: tuple[Path, pa.Schema] | None = None
    for path in (path for directory in sorted((corpus / DATA).glob("*")) for path in shards(directory)):
        schema = pq.read_schema(path)
        if found is None:
            found = path, schema
        elif not schema.equals(found[1]):
            names = f"{found[0].relative_to(corpus)} and {path.relative_to(corpus)}"
            raise DamagedTableError(f"{names} in {corpus} have different columns; build the corpus again")
    return found[1] if found else pa.schema([])


def _dataset_info(config: str, schema: pa.Schema, size: Statistics) -> dict[str, object]:
    features = schema_features(schema)
    return {
        "config_name": config,
        **({"features": features} if features else {}),
        "splits": [{"name": SPLIT, "num_bytes": size.table_bytes, "num_examples": size.documents}],
        "download_size": size.file_bytes,
        "dataset_size": size.table_bytes,
    }


def schema_features(schema: pa.Schema) -> list[Mapping[str, object]] | None:
    """Return the columns as the library `datasets` writes them; None where one has a type that it shall find itself."""
    try:
        return [{"name": field.name, **_feature(field.type)} for field in schema]
    except NotImplementedError:
        return None


def _feature(data_type: pa.DataType) -> dict[str, object]:
    if pa.types.is_list(data_type):
        inner = _feature(data_type.value_type)
        only = next(iter(inner.values())) if inner.keys() in ({"dtype"}, {"struct"}) else inner
        return {"list": only}
    if pa.types.is_struct(data_type):
        return {"struct": [{"name": field.name, **_feature(field.type)} for field in data_type]}
    if pa.types.is_floating(data_type):
        return {"dtype": {16: "float16", 32: "float32", 64: "float64"}[data_type.bit_width]}
    kinds = (pa.types.is_integer, pa.types.is_boolean, pa.types.is_string, pa.types.is_large_string)
    if any(kind(data_type) for kind in kinds):
        return {"dtype": str(data_type)}
    raise NotImplementedError(str(data_type))


def uniform_licence(total: Statistics) -> str | None:
    """Return the Hub's name of the licence, such as "cc-by-4.0", where every document names this one; else None."""
    urls = total.counts.get("rights_licence", {})
    names = {licence_id(url) for url in urls}
    uniform = len(names) == 1 and sum(urls.values()) == total.documents
    return next(iter(names)) if uniform else None


def licence_id(url: str) -> str | None:
    """Return the Hub's name of a Creative Commons licence by its URL, None for others.

    >>> licence_id("https://creativecommons.org/licenses/by-sa/4.0/deed.hi"), licence_id("https://example.org/terms")
    ('cc-by-sa-4.0', None)
    """
    match = _CREATIVE_COMMONS.fullmatch(url.strip())
    if match is None:
        return None
    name = "cc0-1.0" if match[3] else f"cc-{match[1].lower()}-{match[2]}"
    return name if name in _ON_THE_HUB.split() else None


def size_category(documents: int) -> str:
    """Return the Hub's category of a number of documents.

    >>> size_category(999), size_category(1_000)
    ('n<1K', '1K<n<10K')
    """
    return next((name for limit, name in _SIZES if documents < limit), "n>1T")
