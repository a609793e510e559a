"""The table of extractors side by side counts only pages that all of them have."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchmarks.extractor_table import score_page, tables

if TYPE_CHECKING:
    from pathlib import Path

_GOLD = "आज सुबह नगर में तेज़ वर्षा हुई और कई सड़कें बंद रहीं।\nयातायात दोपहर तक फिर चलने लगा।"


def test_a_page_counts_for_its_set_its_language_and_its_page_type(tmp_path: Path) -> None:
    (tmp_path / "wcxb_more").mkdir()
    labelled = {"lang": "hi", "gold_text": _GOLD, "page_type": "article"}
    (tmp_path / "wcxb_more" / "one.json").write_text(json.dumps(labelled), encoding="utf-8")
    whole = score_page(tmp_path, "wcxb_more/one", _GOLD)
    with_menu = score_page(tmp_path, "wcxb_more/one", _GOLD + "\nमुखपृष्ठ खेल मनोरंजन व्यापार")
    lines = list(tables({"ours": [whole], "peer": [with_menu]}))

    assert [line.split("  ")[0] for line in lines if " ours" in line] == [
        "all",
        "lang hi",
        "set wcxb_more",
        "type article",
        "word F1 of WCXB",
    ]
    assert whole.word_f1 == 1.0
    assert 0.8 < with_menu.word_f1 < 1.0
    assert with_menu.figures.dirty == 1.0
