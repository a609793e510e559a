"""A small corpus in the layout that is published: five languages, hostile values, a ledger."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from saaf.atomic_files import checksum
from saaf.cleaning.text.iso_639 import language_directory
from saaf.corpus import schema
from saaf.corpus.parquet import write_table
from saaf.corpus.publication.card import write_card
from saaf.corpus.publication.croissant import write_croissant
from saaf.corpus.publication.layout import published_files
from saaf.corpus.publication.shards import shard_name, write_shard

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = {
    ("hi", "Deva"): "वाराणसी में गंगा के घाटों पर आज सुबह हज़ारों श्रद्धालु पहुँचे।",
    ("ur", "Arab"): "لاہور میں آج بارش کے بعد موسم خوشگوار ہو گیا ہے۔",
    ("ar", "Arab"): "أعلنت الوزارة اليوم عن خطة جديدة لتطوير التعليم.",
    ("am", "Ethi"): "በአዲስ አበባ ዛሬ አዲስ የባቡር መስመር ተመረቀ።",
    ("th", "Thai"): "วันนี้ฝนตกหนักทั่วกรุงเทพมหานคร",
}
SETTINGS = {"dump": "2026-11", "rights": "record", "agent": "saaf", "clean": True, "dedupe": {"threshold": 0.7}}
HOSTILE = "<script>alert(1)</script> | `x`\n---\n# Owned"
_REMOVAL = {"start": 0, "end": 7, "rule": "html.caption", "score": 0.9}


def document(language: tuple[str, str], number: int, **more: object) -> dict[str, object]:
    code, script = language
    row: dict[str, object] = {
        "text": f"{TEXTS[language]} {number}",
        "id": f"{number:016x}",
        "url": f"https://www.{code}.example/{number:03}",
        "date": f"2026-{number % 3 + 9:02}-0{number % 9 + 1}T10:00:00Z",
        "dump": "2026-11",
        "file_path": "crawl.warc.gz",
        "language": code,
        "language_script": script,
        "language_score": 0.99,
        "minhash_cluster_size": 1,
        "site": f"{code}.example",
        "tags": ["a", "ب"],
        "track": "html",
        "flags": [],
        "removals": [_REMOVAL],
        "extractor": "trafilatura 2",
        "rules_version": "abc",
        "rights_train": "reserved" if number == 1 else None,
        "rights_licence": "https://creativecommons.org/licenses/by/4.0/" if number == 2 else None,
        "rights_signals": ["robots.txt: GPTBot", "meta: noai"] if number == 1 else [],
    }
    return dict.fromkeys(schema.DOCUMENTS.names) | row | more


def write_corpus(directory: Path, *, rows: int = 4, with_manifest: bool = True, **more: object) -> dict[str, Any]:
    """Write a corpus of `rows` documents a language, with two shards of each, and return its manifest."""
    for language in TEXTS:
        documents = [document(language, number, **more) for number in range(rows)]
        table = pa.Table.from_pylist(documents, schema=schema.DOCUMENTS)
        directory_of = directory / "data" / language_directory(*language)
        for shard, part in enumerate((table.slice(0, rows // 2), table.slice(rows // 2))):
            write_shard(directory_of / shard_name("train", shard, 2), [part], schema.DOCUMENTS)
    entries = [
        {"key": f"crawl.warc.gz#{n}", "url": None, "site": HOSTILE, "state": state, "reason": "r" * (state != "kept")}
        for n, state in enumerate(["kept"] * rows * len(TEXTS) + ["duplicate", "too_short", "blocked_by_robots"])
    ]
    nothing: dict[str, object] = {"language": None, "document_id": None, "duplicate_of": None, "rows": 1}
    write_table(directory / "ledger" / shard_name("part", 0, 1), [entry | nothing for entry in entries], schema.LEDGER)
    manifest: dict[str, Any] = {"settings": SETTINGS, "versions": {"saaf": "0.2.0", "cleaning_rules": "abc"}}
    write_card(directory, manifest)
    write_croissant(directory, manifest)
    if with_manifest:
        manifest["files"] = {
            name: {"bytes": (directory / name).stat().st_size, "sha256": checksum(directory / name)}
            for name in published_files(directory)
        }
        (directory / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return manifest
