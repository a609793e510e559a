"""The page of a report in Chromium, where it is installed: its search runs under its own policy."""

import re
import subprocess
from pathlib import Path
from urllib.parse import quote

import pytest

from saaf.corpus.report import write_report
from tests.unit.corpus_helpers import original, write_tables

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM.is_file(), reason="needs Chromium")


def test_samples_are_searched_by_words_in_any_case_and_width(tmp_path: Path) -> None:
    texts = ["A story of the harbour.", "The TIDE gauge was mended.", "شام میں کاروائیاں", "ＴＩＤＥ in wide letters"]
    rows = [original(str(number), text, "kept", site=f"h{number}.example") for number, text in enumerate(texts)]
    page = write_report(write_tables(tmp_path / "corpus", rows))
    arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=2000", "--dump-dom"]
    command = [str(CHROMIUM), *arguments, f"--user-data-dir={tmp_path / 'chromium'}"]
    done = subprocess.run(
        [*command, f"{page.as_uri()}#search={quote('tide')}"], capture_output=True, text=True, timeout=120, check=True
    )
    assert "2 of 4 samples shown" in done.stdout
    shown = re.findall(r'<details class="document"([^>]*)>', done.stdout)
    assert ["hidden" in attributes for attributes in shown].count(False) == 2
    assert re.search(r'<form id="search"(?![^>]*hidden)', done.stdout)
