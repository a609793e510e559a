"""A build with a quality filter and with redaction: what is left out and why; no personal data is published."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from saaf.cleaning.quality.personal_data import DEFAULT_KINDS
from saaf.cleaning.quality.signals import quality_signals
from saaf.cleaning.types import Removal, apply_removals
from saaf.cli.app import app
from saaf.corpus.build import BuildSummary, build
from saaf.corpus.ledger import State
from saaf.corpus.quality_filter import parse_quality_filter
from saaf.corpus.settings import BuildSettings
from tests.corpora import corpus_rows

if TYPE_CHECKING:
    from pathlib import Path

IN_PROCESS = BuildSettings(workers=0)
# Of each language sentences with personal data, and what of it must not be published.
TEXTS = {
    "hi": (
        (
            "दिल्ली में बुधवार को भारी बारिश के बाद कई इलाकों में पानी भर गया और "
            "यातायात प्रभावित रहा। नगर निगम ने लोगों से घरों में रहने की अपील की है "
            "और हेल्पलाइन जारी की है। शिकायत के लिए फोन +91 98765 43210 पर या "
            "sahayata@nagar-nigam.in पर लिखें।"
        ),
        ("98765 43210", "sahayata@nagar-nigam.in"),
    ),
    "ur": (
        (
            "لاہور میں بدھ کو شدید بارش کے بعد کئی علاقوں میں پانی جمع ہو گیا اور "
            "ٹریفک متاثر رہی۔ شہری انتظامیہ نے لوگوں سے گھروں میں رہنے کی اپیل کی ہے "
            "اور ہیلپ لائن جاری کی ہے۔ شکایت کے لیے +92 300 1234567 پر فون کریں۔"
        ),
        ("300 1234567",),
    ),
    "ar": (
        (
            "شهدت القاهرة يوم الأربعاء أمطارا غزيرة أدت إلى تجمع المياه في عدد من "
            "الأحياء وتعطل حركة المرور. ودعت المحافظة السكان إلى البقاء في منازلهم "
            "وخصصت رقما لتلقي الشكاوى. للتواصل اتصلوا على +20 10 1234 5678 في أي "
            "وقت."
        ),
        ("10 1234 5678",),
    ),
    "am": (
        (
            "በአዲስ አበባ ረቡዕ ዕለት የጣለው ከባድ ዝናብ በበርካታ አካባቢዎች ጎርፍ አስከትሏል። የከተማው አስተዳደር "
            "ነዋሪዎች በቤታቸው እንዲቆዩ ጥሪ አቅርቧል። መንገዶች ለሰዓታት ተዘግተው ቆይተዋል ተብሏል። ለበለጠ መረጃ በስልክ "
            "ቁጥር +251 91 123 4567 ይደውሉ።"
        ),
        ("91 123 4567",),
    ),
    "th": (
        (
            "กรุงเทพมหานครมีฝนตกหนักในวันพุธทำให้น้ำท่วมขังหลายพื้นที่และการจราจรติดขัด "
            "ทางการขอให้ประชาชนอยู่ในบ้านและเปิดสายด่วนรับเรื่องร้องเรียน "
            "สอบถามเพิ่มเติมโทร +66 81 234 5678 ได้ตลอดวัน"
        ),
        ("81 234 5678",),
    ),
}
PAGE = """<!doctype html><html lang=hi><head><title>मंडी में सेब: +91 91234 56780</title></head><body>
<nav><a href=/>होम</a><a href=/desh>देश</a><a href=/videsh>विदेश</a></nav><article><h1>मंडी में सेब: +91 91234 56780</h1>
<p>शिमला की मंडी में इस सप्ताह सेब की आवक बढ़ने से दाम गिर गए हैं और किसानों ने सरकार से मदद की मांग की है।</p>
<p>बागवानों का कहना है कि पिछले साल की तुलना में इस बार लागत अधिक आई है और भंडारण की सुविधा भी कम है।</p>
<p>मंडी समिति के अनुसार अगले सप्ताह तक आवक और बढ़ेगी, इसलिए किसान धीरे धीरे माल लाएँ।</p></article>
<footer><p>संपर्क: desk@samachar-patra.in, 192.0.43.10</p></footer></body></html>"""
SECRETS = (
    *(secret for _, secrets in TEXTS.values() for secret in secrets),
    "91234 56780",
    "desk@samachar-patra.in",
    "192.0.43.10",
)


def write_texts(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def published_text(corpus: Path) -> str:
    """Return all that a corpus publishes, as one text."""
    files = sorted(path for path in corpus.rglob("*") if path.is_file())
    return "\n".join(
        str(pq.read_table(path).to_pylist()) if path.suffix == ".parquet" else path.read_text("utf-8") for path in files
    )


@pytest.fixture(scope="module")
def redacted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus of one text in each language, a short one, and a page; personal data redacted."""
    directory = tmp_path_factory.mktemp("redacted")
    rows = [{"text": text, "url": f"https://{code}.example/1"} for code, (text, _) in TEXTS.items() if code != "th"]
    rows += [{"text": TEXTS["th"][0]}, {"text": "फोन +91 98765 43210"}]
    (directory / "page.html").write_text(PAGE, encoding="utf-8")
    inputs = [write_texts(directory / "texts.jsonl", rows), directory / "page.html"]
    settings = replace(IN_PROCESS, redact=("all",), paragraph_languages=True)
    build(inputs, directory / "out", settings=settings)
    return directory / "out"


def test_nothing_that_is_published_holds_what_was_redacted(redacted: Path) -> None:
    text = published_text(redacted)
    assert [secret for secret in SECRETS if secret in text] == []
    assert "email@example.com" in text


def test_removals_replay_on_the_originals_as_they_are_published(redacted: Path) -> None:
    texts = {row["id"]: row["text"] for name in ("documents", "rejected") for row in corpus_rows(redacted, name)}
    originals = corpus_rows(redacted, "originals")
    assert len(originals) == len(TEXTS) + 2
    for row in originals:
        removals = [Removal(**removal) for removal in row["removals"]]
        assert apply_removals(row["text"], removals) == texts[row["id"]]
    assert any(row["removals"] for row in originals)


def test_redactions_say_what_stands_where_and_the_counts_agree(redacted: Path) -> None:
    rows = {row["language"]: row for row in corpus_rows(redacted, "documents") if row["track"] == "text"}
    assert set(rows) == set(TEXTS)
    for code, row in rows.items():
        before, text, position = TEXTS[code][0], row["text"], 0
        replayed = []
        for one in row["redactions"]:  # what is between them is what was there before
            replayed.append(before[: one["start"] - position])
            before = before[one["start"] - position + one["length"] :]
            replayed.append(text[one["start"] : one["end"]])
            position = one["end"]
        assert "".join([*replayed, before]) == text
        counts = {kind: row[f"pii_{kind}"] for kind in DEFAULT_KINDS}
        kinds = [one["kind"] for one in row["redactions"]]
        assert counts == {kind: kinds.count(kind) for kind in DEFAULT_KINDS}
        assert counts["phone"] == 1


def test_signals_are_those_of_the_published_text(redacted: Path) -> None:
    for row in corpus_rows(redacted, "documents"):
        score = row["language_score"]
        signals = quality_signals(row["text"], row["language"], row["language_script"], language_score=score)
        assert {name: row[f"quality_{name}"] for name in signals} == signals
    page = next(row for row in corpus_rows(redacted, "documents") if row["track"] == "html")
    assert 0 < page["extraction_quality"] <= 1


def test_languages_of_paragraphs_are_columns_where_they_are_asked_for(redacted: Path) -> None:
    row = next(row for row in corpus_rows(redacted, "documents") if row["language"] == "am")
    (span,) = row["paragraph_languages"]
    assert (span["start"], span["end"], span["language"], span["script"]) == (0, len(row["text"]), "am", "Ethi")
    assert row["main_language_share"] == 1


def test_the_card_and_the_manifest_say_what_was_redacted(redacted: Path) -> None:
    card = (redacted / "README.md").read_text(encoding="utf-8")
    assert "| `phone` | 6 | 6 |" in card  # the five texts, and the headline of the page
    assert "Replaced by what has its form" in card
    settings = json.loads((redacted / "manifest.json").read_text())["settings"]
    assert (settings["redact"], settings["quality_filter"]) == (list(DEFAULT_KINDS), [])


NAMES = ("कमला", "रमेश", "सुनीता", "अनिल", "गीता", "मोहन", "राधा", "विजय", "लता", "किशन", "उषा")
PLACES = ("गाँव", "शहर", "बाज़ार", "मंदिर", "विद्यालय", "नदी", "खेत", "पुल", "अस्पताल", "डाकघर", "मैदान")
VERBS = ("देखा", "पढ़ा", "लिखा", "सुना", "खरीदा", "बेचा", "बनाया", "सजाया", "धोया", "रखा", "पाया")


def hindi(number: int) -> str:
    """Return a text; one of eleven says the same over and over."""
    sentences = []
    for at in range(12):
        step = 0 if number % 11 == 0 else at
        name, place, verb = (
            words[(number * factor + step * shift) % 11]
            for words, factor, shift in ((NAMES, 1, 1), (PLACES, 3, 5), (VERBS, 7, 3))
        )
        sentences.append(f"{name} ने {place} {number} के पास एक पुराना घर {verb} और सबको {at} बार बताया।")
    return "\n".join(sentences)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Texts in Hindi, enough to derive thresholds from, in two files; and two in Amharic."""
    directory = tmp_path_factory.mktemp("inputs")
    rows = [{"text": hindi(number), "url": f"https://hi.example/{number}"} for number in range(110)]
    rows += [{"text": TEXTS["am"][0] * (1 + number), "url": f"https://am.example/{number}"} for number in range(2)]
    rows.append({"text": "बहुत छोटा", "url": "https://hi.example/short"})
    return [write_texts(directory / "a.jsonl", rows[::2]), write_texts(directory / "b.jsonl", rows[1::2])]


def filtered(inputs: list[Path], output: Path, *names: str, workers: int = 0) -> BuildSummary:
    settings = replace(IN_PROCESS, quality_filter=parse_quality_filter(names), workers=workers)
    return build(inputs, output, settings=settings)


def digests(directory: Path) -> dict[str, str]:
    files = (path for path in directory.rglob("*") if path.is_file())
    return {str(path.relative_to(directory)): sha256(path.read_bytes()).hexdigest() for path in files}


def test_derived_thresholds_are_those_of_the_file_for_any_number_of_workers(inputs: list[Path], tmp_path: Path) -> None:
    summary = filtered(inputs, tmp_path / "one", "derived")
    assert summary.states["low_quality"] >= 10
    (note,) = summary.unfiltered
    assert note == (
        "There are no quality thresholds for Amharic (am_Ethi): its 1 document was kept whatever their quality "
        "(2 documents are fewer than the 100 that thresholds are derived from)."
    )
    filtered(inputs, tmp_path / "two", "derived", workers=2)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")

    reasons = {row["reason"] for row in corpus_rows(tmp_path / "one", "ledger") if row["state"] == "low_quality"}
    assert any("in its most frequent 3-gram, more than" in reason for reason in reasons)
    assert all(reason.endswith("(tail, 110 documents in hi_Deva)") for reason in reasons)
    manifest = json.loads((tmp_path / "one/manifest.json").read_text())
    assert manifest["settings"]["quality_filter"] == manifest["quality_filter"]["filters"] == ["derived"]
    assert list(manifest["quality_filter"]["thresholds"]) == ["hi_Deva"]
    report = json.loads((tmp_path / "one/report/report.json").read_text())
    assert report["unfiltered"] == list(summary.unfiltered)
    assert note.partition(":")[0] in (tmp_path / "one/report/report.html").read_text(encoding="utf-8")

    made = CliRunner().invoke(app, ["thresholds", str(tmp_path / "one"), "-o", str(tmp_path / "t.toml")])
    assert made.exit_code == 0, made.output
    again = filtered(inputs, tmp_path / "three", str(tmp_path / "t.toml"))
    assert again.states == summary.states
    kept = [{row["id"] for row in corpus_rows(tmp_path / name, "documents")} for name in ("one", "three")]
    assert kept[0] == kept[1]


def test_a_language_without_thresholds_passes_and_is_named(inputs: list[Path], tmp_path: Path) -> None:
    summary = filtered(inputs, tmp_path / "out", "gopher")
    assert State.LOW_QUALITY not in summary.states
    assert [note.partition(":")[0] for note in summary.unfiltered] == [
        "There are no quality thresholds for Hindi (hi_Deva)",
        "There are no quality thresholds for Amharic (am_Ethi)",
    ]
    assert any(line.startswith("quality     There are no") for line in summary.lines())
