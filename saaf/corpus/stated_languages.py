"""The language that rows of a table state: what `saaf dedupe` takes where it identifies none itself."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from saaf.cleaning.text.iso_639 import shorter_codes, to_iso_639_3
from saaf.cleaning.text.language import UNKNOWN

_SCRIPT = re.compile("[A-Z][a-z]{3}")  # as ISO 15924 codes are written


def stated_language(language: str | None, script: str | None) -> tuple[str, str]:
    """Return the code and script that a row states, of the shorter code; "und" and "Zyyy" for what is no code.

    >>> stated_language("hin_Deva", None), stated_language("hi", "Deva"), stated_language("Hindi!", "?")
    (('hi', 'Deva'), ('hi', 'Deva'), ('und', 'Zyyy'))
    """
    code, _, inside = (language or "").replace("-", "_", 1).partition("_")
    code = code if to_iso_639_3(code) else UNKNOWN.code
    code = next((each for each in shorter_codes(code) if len(each) == 2), code)
    known = next((each for each in (script, inside) if each and _SCRIPT.fullmatch(each)), UNKNOWN.script)
    return code, known


def stated_languages(rows: pa.RecordBatch) -> tuple[pa.StringArray, pa.StringArray] | None:
    """Return the languages and scripts that rows state, None where they have no column that may."""
    if not _has_texts(rows, "language"):
        return None
    languages = rows["language"].cast(pa.string())
    if _has_texts(rows, "language_script"):
        scripts = rows["language_script"].cast(pa.string())
    else:
        scripts = pa.nulls(rows.num_rows, pa.string())
    both = pc.dictionary_encode(
        pc.binary_join_element_wise(languages, scripts, "\n", null_handling="replace", null_replacement="")
    )
    found = [stated_language(*pair.split("\n")[:2]) for pair in both.dictionary.to_pylist()]
    columns = [pa.array([pair[place] for pair in found], pa.string()).take(both.indices) for place in (0, 1)]
    return columns[0], columns[1]


def _has_texts(rows: pa.RecordBatch, name: str) -> bool:
    if name not in rows.schema.names:
        return False
    kind = rows.schema.field(name).type
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
