"""A column that a user names and that no input has: nothing is read or published, alike for all formats."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from saaf.corpus.build import build
from saaf.corpus.exit_codes import Exit
from saaf.corpus.input_paths import InputError
from saaf.corpus.settings import BuildSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROWS = [{"text": f"the harbour froze over in night {n}", "url": f"https://a.example/{n}"} for n in range(3)]
FORMATS = ("parquet", "arrow", "jsonl", "json", "csv")


def written(directory: Path, form: str, rows: list[dict[str, str]]) -> Path:
    path = directory / f"rows.{form}"
    if form == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif form == "arrow":
        feather.write_feather(pa.Table.from_pylist(rows), path, compression="uncompressed")
    elif form == "csv":
        lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    else:
        text = json.dumps(rows) if form == "json" else "".join(json.dumps(row) + "\n" for row in rows)
        path.write_text(text, encoding="utf-8")
    return path


def build_rows(source: Path, output: Path, **options: Any) -> int:
    return build([source], output, settings=BuildSettings(workers=0, min_tokens=0, **options)).documents


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("option", ["text_column", "html_column", "url_column", "id_column"])
def test_a_column_that_no_input_has_is_refused_with_those_that_there_are(
    tmp_path: Path, form: str, option: str
) -> None:
    source = written(tmp_path, form, ROWS)
    named = f"--{option.replace('_', '-')} body: no input has that column; there are: text, url"
    with pytest.raises(InputError, match=named):
        build_rows(source, tmp_path / "out", **{option: "body"})
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_a_column_that_a_later_row_or_another_file_has_is_used(tmp_path: Path) -> None:
    made = tmp_path / "in"
    made.mkdir()
    written(made, "csv", ROWS)
    written(made, "jsonl", [ROWS[0], {"body": "a row of its own with words in it", "url": "https://b.example/"}])
    assert build_rows(made, tmp_path / "out", text_column="body", max_unreadable=1.0) == 1
    nested = tmp_path / "nested.jsonl"
    nested.write_text(json.dumps({"page": {"body": "words of an object in a row"}}) + "\n", encoding="utf-8")
    assert build_rows(nested, tmp_path / "nested", text_column="page.body") == 1


@pytest.mark.parametrize("output", ["clean.jsonl", "files/"])
def test_saaf_clean_refuses_it_before_it_writes_anything(
    run: Callable[..., tuple[int, str, str]], tmp_path: Path, output: str
) -> None:
    made = tmp_path / "in"
    made.mkdir()
    for form in ("csv", "parquet"):
        written(made, form, ROWS)
    target = f"{tmp_path}/{output}"
    code, _, err = run("clean", made, "-o", target, "--text-column", "body", "--workers", "1")
    assert code == Exit.INPUT
    assert "--text-column body: no input has that column; there are: text, url" in err
    assert not (tmp_path / output).exists()
    (made / "own.jsonl").write_text(json.dumps({"body": "a row of its own with words in it"}) + "\n", encoding="utf-8")
    code, _, err = run("clean", made, "-o", target, "--text-column", "body", "--workers", "1")
    assert "no input has that column" not in err
    assert (tmp_path / output).exists()
