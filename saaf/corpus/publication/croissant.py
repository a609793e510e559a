"""croissant.json of a corpus: its metadata in the format Croissant 1.1 of MLCommons.

Specification: https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from saaf.atomic_files import atomic_write, checksum
from saaf.cleaning.text.language_codes import language_name
from saaf.corpus.file_names import CROISSANT, DATA, SPLIT
from saaf.corpus.publication.card import corpus_name
from saaf.corpus.publication.front_matter import DEFAULT, common_schema, licence_id, uniform_licence
from saaf.corpus.publication.layout import shards, subsets
from saaf.corpus.publication.statistics import corpus_statistics

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from saaf.corpus.publication.statistics import CorpusStatistics

_PARQUET = "application/x-parquet"  # what readers of Croissant know
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataBiases": "cr:dataBiases",
    "dataCollection": "cr:dataCollection",
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "excludes": "cr:excludes",
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "personalSensitiveInformation": "cr:personalSensitiveInformation",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def write_croissant(corpus: Path, manifest: Mapping[str, Any], statistics: CorpusStatistics | None = None) -> Path:
    """Write croissant.json of the corpus in a directory and return its path.

    Each file of documents is named with its SHA-256, taken from "files" of the `manifest` where it is there, and each
    subset is a record set. `statistics` are those of `corpus_statistics`, which are counted where None. Raises
    `DamagedTableError` where shards have different columns.
    """
    counted = statistics or corpus_statistics(corpus)
    schema = common_schema(corpus)
    versions = manifest.get("versions") or {}
    total = counted.total
    codes = sorted(set(total.counts.get("language", {})) - {"und"})
    facts = manifest.get("card") or {}
    name = corpus_name(corpus, manifest)
    publisher = {"@type": "sc:Organization", "name": facts.get("publisher") or "not recorded"}
    document = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": name,
        "citeAs": facts.get("citation") or f"{name}: a web corpus made with saaf. {_author(facts)}",
        "description": _description(counted),
        "license": _stated_licence(facts.get("licence")) or _licence(uniform_licence(total)),
        "version": "1.0.0",
        "isLiveDataset": False,
        **({"inLanguage": codes} if codes else {}),
        **({"temporalCoverage": f"{total.first_date}/{total.last_date}"} if total.first_date else {}),
        "keywords": ["web", "corpus", *(language_name(code) for code in codes)],
        "creator": publisher,
        "publisher": publisher | ({"email": facts["contact"]} if "@" in facts.get("contact", "") else {}),
        **({"alternateName": facts["pretty_name"]} if "pretty_name" in facts else {}),
        **({"rai:dataUseCases": facts["purpose"]} if "purpose" in facts else {}),
        "rai:dataCollection": f"Crawled and cleaned with saaf {versions.get('saaf', '(version not recorded)')}.",
        "rai:personalSensitiveInformation": "Web pages name people; see README.md.",
        "distribution": [*_files(corpus, manifest), *_file_sets(counted)],
        "recordSet": [_record_set(name, schema, counted) for name in _configs(counted)],
    }
    path = corpus / CROISSANT
    with atomic_write(path) as partial:
        partial.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def _configs(counted: CorpusStatistics) -> list[str]:
    return [DEFAULT, *counted.subsets] if counted.subsets else []


def _description(counted: CorpusStatistics) -> str:
    total = counted.total
    return (
        f"{total.documents:,} web documents in {len(counted.subsets)} subsets by language and script, with clean text, "
        "metadata, rights signals and the removals of cleaning. README.md is the data set card."
    )


def _author(facts: Mapping[str, str]) -> str:
    publisher = facts.get("publisher")
    return f"Author: {publisher}. Address: not recorded." if publisher else "Author and address: not recorded."


def _stated_licence(name: str | None) -> str | None:
    """Return the licence that the makers of a corpus state: those of Creative Commons as a URL, others as they are."""
    return _licence(name) if name and licence_id(_licence(name)) == name else name


def _licence(name: str | None) -> str:
    """Return a licence as a URL, or as what is to be said where documents have several or none."""
    if name is None:
        return "other: the texts belong to their publishers; see the columns rights_licence and rights_signals"
    if name == "cc0-1.0":
        return "https://creativecommons.org/publicdomain/zero/1.0/"
    kind, _, version = name.removeprefix("cc-").rpartition("-")
    return f"https://creativecommons.org/licenses/{kind}/{version}/"


def _files(corpus: Path, manifest: Mapping[str, Any]) -> Iterator[dict[str, object]]:
    listed = manifest.get("files") or {}
    for path in (path for name in subsets(corpus) for path in shards(corpus / DATA / name)):
        name = path.relative_to(corpus).as_posix()
        yield {
            "@type": "cr:FileObject",
            "@id": name,
            "name": name,
            "contentUrl": name,
            "contentSize": f"{path.stat().st_size} B",
            "encodingFormat": _PARQUET,
            "sha256": (listed.get(name) or {}).get("sha256") or checksum(path),
        }


def _file_sets(counted: CorpusStatistics) -> Iterator[dict[str, object]]:
    for name in _configs(counted):
        yield {
            "@type": "cr:FileSet",
            "@id": f"files-{name}",
            "name": f"files-{name}",
            "description": f"The Parquet files of {name}.",
            "encodingFormat": _PARQUET,
            "includes": f"{DATA}/{'*' if name == DEFAULT else name}/{SPLIT}-*.parquet",
        }


def _record_set(name: str, schema: pa.Schema, counted: CorpusStatistics) -> dict[str, object]:
    size = counted.total if name == DEFAULT else counted.subsets[name]
    left_out = [field.name for field in schema if _data_type(field.type) is None]
    more = f" Nested columns are left out here: {', '.join(left_out)}." if left_out else ""
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": f"{size.documents:,} documents, one a row, sorted by url and id.{more}",
        "field": [_field(name, field) for field in schema if field.name not in left_out],
    }


def _field(record_set: str, field: pa.Field) -> dict[str, object]:
    comment = (field.metadata or {}).get(b"comment", b"carried through from the input").decode("utf-8", "replace")
    return {
        "@type": "cr:Field",
        "@id": f"{record_set}/{field.name}",
        "name": f"{record_set}/{field.name}",
        "description": comment,
        "dataType": _data_type(field.type),
        **({"repeated": True} if pa.types.is_list(field.type) else {}),
        "source": {"fileSet": {"@id": f"files-{record_set}"}, "extract": {"column": field.name}},
    }


def _data_type(data_type: pa.DataType) -> str | None:
    """Return the Croissant type of a column, None for a nested one or one that Croissant has no type for."""
    if pa.types.is_list(data_type):
        inner = data_type.value_type
        return None if pa.types.is_list(inner) else _data_type(inner)
    if pa.types.is_boolean(data_type):
        return "sc:Boolean"
    if pa.types.is_integer(data_type):
        return f"cr:{'U' if pa.types.is_unsigned_integer(data_type) else ''}Int{data_type.bit_width}"
    if pa.types.is_floating(data_type):
        return f"cr:Float{data_type.bit_width}"
    return "sc:Text" if pa.types.is_string(data_type) or pa.types.is_large_string(data_type) else None
