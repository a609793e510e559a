"""Measure what folding adds to near-duplicate detection on natural text.

    python -m benchmarks.dedupe_folding [--texts DIR]

DIR is a data directory: JSON files at any depth with the fields `lang` and `gold_text`. Without it the project's own
texts are used (see `benchmarks.dedupe_natural`). A minute of CPU time.

The first table gives what a change of code points does to the similarity of a document with itself, and how many
reprints (copies with this change and a few edited words) reach a threshold only with folding. With a directory, the
last gives the reprints found among its pages with and without folding. The one between is of languages without natural
text here.
"""

from __future__ import annotations

import argparse
import random
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import regex

from benchmarks.dedupe_natural import cut_passages, edit_units, join_units, list_languages, load_units, natural_texts
from benchmarks.dedupe_truth import shingles
from saaf.dedupe import Settings, find_duplicates, jaccard

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PASSAGES, LENGTH = 60, (280, 320)  # units
EDIT_RATES = (0.0, 0.01, 0.02, 0.03, 0.04, 0.06)  # of edited words in a reprint
FOLDED, UNFOLDED = Settings(short_tokens=1), Settings(short_tokens=1, fold=False)
HARAKAT = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652"


class Change(NamedTuple):
    """A change of code points that a reader of the language does not see, or hardly."""

    language: str
    name: str
    apply: Callable[[str], str]


def replace_letters(one: str, other: str) -> Callable[[str], str]:
    """Return a change that replaces each letter of `one` by that of `other` at the same position."""
    table = str.maketrans(one, other)
    return lambda text: text.translate(table)


def replace_pattern(found: str, put: str, share: float = 1.0) -> Callable[[str], str]:
    """Return a change that replaces the matches of a regular expression, or a random share (0 to 1) of them."""
    return lambda text: regex.sub(
        found, lambda match: match.expand(put) if _random_at(match.start()) < share else match[0], text
    )


def _random_at(position: int) -> float:
    return random.Random(position).random()


ARABIC_INDIC, DEVANAGARI, FULL = "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "０１２３４５６７８９"
WIDE = replace_letters("".join(map(chr, range(0x21, 0x7F))), "".join(map(chr, range(0xFF01, 0xFF5F))))
_NUKTA = {unicodedata.normalize("NFD", chr(code)): chr(code) for code in range(0x958, 0x960)}
CHANGES = (
    Change("ar", "yeh and kaf of a Persian keyboard", replace_letters("يك", "یک")),
    Change("ar", "hamza left out", replace_letters("أإآؤئ", "اااوي")),
    Change("ar", "teh marbuta as heh", replace_letters("ة", "ه")),
    Change("ar", "last yeh without dots", replace_pattern(r"ي\b", "ى")),
    Change("ar", "tatweel in 1 of 50 letters", replace_pattern(r"(?<=[بتسصطفلمنيه])(?=\p{L})", "ـ", 0.02)),
    Change("ar", "harakat left out", replace_pattern(f"[{HARAKAT}\u0670]", "")),
    Change(
        "ar", "harakat on 1 of 20 letters", replace_pattern(r"(?<=[\u0621-\u064a])(?=[\u0621-\u064a])", "\u064e", 0.05)
    ),
    Change("ar", "digits ١٢٣", replace_letters("0123456789", ARABIC_INDIC)),
    Change("ar", "bidi marks at 1 of 20 words", replace_pattern(r"\b(?=\p{L})", "\u200f", 0.05)),
    Change("ur", "yeh, kaf, heh of an Arabic keyboard", replace_letters("یکہھ", "يكهه")),
    Change("ur", "hamza on yeh as two code points", lambda text: unicodedata.normalize("NFD", text)),
    Change("ur", "ZWNJ in 1 of 50 letters", replace_pattern(r"(?<=[بتسصطفلمنیہ])(?=\p{L})", "\u200c", 0.02)),
    Change("ur", "space before the full stop", replace_pattern(r"۔", " ۔")),
    Change("fa", "ZWNJ left out", replace_pattern("\u200c", "")),
    Change("fa", "yeh and kaf of an Arabic keyboard", replace_letters("یک", "يك")),
    Change("hi", "nukta left out", lambda text: unicodedata.normalize("NFD", text).replace("\u093c", "")),
    Change("hi", "nukta letters as one code point", lambda text: regex.sub("|".join(_NUKTA), _one_code_point, text)),
    Change("hi", "chandrabindu as anusvara", replace_letters("ँ", "ं")),
    Change("hi", "ZWNJ after 1 of 10 viramas", replace_pattern("्", "्\u200c", 0.1)),
    Change("hi", "digits १२३", replace_letters("0123456789", DEVANAGARI)),
    Change("hi", "space before danda", replace_pattern("।", " ।")),
    Change("en", "curly quotes as straight ones", replace_letters("‘’“”", "''\"\"")),
    Change("en", "dashes as hyphens", replace_letters("–—", "--")),
    Change("en", "soft hyphens in 1 of 50 letters", replace_pattern(r"(?<=\p{L}\p{L})(?=\p{L}\p{L})", "\u00ad", 0.02)),
    Change("en", "ligatures of a PDF", lambda text: text.replace("fi", "ﬁ").replace("fl", "ﬂ")),
    Change("en", "all capitals", str.upper),
    Change("de", "NFD, as file systems have it", lambda text: unicodedata.normalize("NFD", text)),
    Change("fr", "NFD, as file systems have it", lambda text: unicodedata.normalize("NFD", text)),
    Change("en", "a hyphen at 1 of 20 words", replace_pattern(r"(?<=\p{L}{3})(?=\p{L}{3})", "-\n", 0.02)),
    Change("zh", "full-width digits, letters, marks", WIDE),
    Change("zh", "a line wrap every 30 characters", replace_pattern(r"(.{30})", "\\1\n")),
    Change("zh", "zero-width space at 1 of 50", replace_pattern("(?<=.)(?=.)", "\u200b", 0.02)),
)


# Languages of which there is no natural text here: a few sentences of our own, with a change of each.
SENTENCES = (
    ("ro", "cedilla for comma below",
     "Școala și orașul își țin porțile deschise, iar părinții își așteaptă copiii în piață.",
     replace_letters("șțȘȚ", "şţŞŢ")),
    ("tr", "capitals with dots",
     "İlk gemi İzmir limanına geldi, işçiler iskelede bekledi ve gece geç saatte eve gitti.",
     lambda text: text.replace("i", "İ").upper()),
    ("el", "capitals without tonos", "Το παλιό λιμάνι άνοιξε ξανά την Κυριακή και οι ψαράδες γύρισαν γεμάτοι χαρά.",
     lambda text: regex.sub("\u0301", "", unicodedata.normalize("NFD", text)).upper()),
    ("ru", "stress marks", "Старая дорога ведёт через поле к реке, где летом пасут коров и косят сено.",
     replace_pattern("(?<=[аеоуы])(?=[^аеоуы ])", "\u0301", 0.5)),
    ("th", "nikhahit before the tone", "น้ำใสในลำน้ำไหลช้า คนค้ำไม้ทำน้ำตาลซ้ำทุกวัน", lambda text: text.replace("้ำ", "ํ้า")),
    ("th", "e twice for ae", "แม่และพ่อแก่แล้ว แต่ยังแข็งแรง แวะมาแถวนี้แทบทุกวัน", lambda text: text.replace("แ", "เเ")),
    ("ml", "au with its first half", "മൗനം സൗമ്യം സൗഹൃദം പൗരൻ കൗതുകം ഗൗരവം ശൗര്യം", lambda text: text.replace("ൗ", "ൌ")),
    ("my", "zero for wa", "ဝါဝါဝင်း ဝယ်ဝတ် ဘဝ ဝန်ထမ်း ဝေးဝေး ဝင်လာ", lambda text: text.replace("ဝ", "၀")),
    ("my", "order of medials", "ကြွက် မြွေ ရွှေ လွှတ် မြှား ကျွန် ကြွား",
     replace_pattern("([\u103b\u103c\u103d])([\u103d\u103e])", "\\2\\1")),
    ("km", "subscript da for ta", "ផ្តល់ ស្តាប់ ផ្តើម ស្តី ក្តី ផ្តាច់ ស្តុក", replace_letters("ត", "ដ")),
    ("hi", "vowel letters in two parts", "आज और आगे ओस औरत आम ओखली औषध ऑफिस",
     lambda text: text.replace("आ", "अा").replace("ओ", "अो").replace("औ", "अौ").replace("ऑ", "अॉ")),
    ("pa", "addak before the vowel sign", "ਪੁੱਤ ਕੁੱਤਾ ਮੁੱਖ ਸੁੱਖ ਦੁੱਧ ਬੁੱਢਾ ਕਿੱਥੇ ਵਿੱਚ",
     replace_pattern("([\u0a3e-\u0a4c])\u0a71", "\u0a71\\1")),
    ("am", "Ethiopic numerals", "በ1999 ዓመት 12 ሰዎች መጡ በ2012 ደግሞ 30 ሰዎች ሄዱ", lambda text: (
        text.replace("1999", "፲፱፻፺፱").replace("2012", "፳፻፲፪").replace("12", "፲፪").replace("30", "፴"))),
)  # fmt: skip


def report_sentences() -> None:
    """Print the similarity of a few sentences with themselves after a change, plain words, unfolded and folded."""
    print("\nsentences of our own: Jaccard of pairs of words, unfolded, folded")
    settings = Settings(), Settings(fold=False)
    for language, name, text, change in SENTENCES:
        folded, unfolded = (jaccard(text, change(text), settings=each) for each in settings)
        print(f"{language} {name:36} {unfolded:.2f}  {folded:.2f}")


def _one_code_point(match: regex.Match[str]) -> str:
    return _NUKTA[match[0]]


def jaccard_of_plain_words(language: str, left: str, right: str) -> float:
    """Return the Jaccard similarity as peers' manuals compute it: of words between spaces, in Chinese characters."""
    one, other = (shingles(list(text) if language == "zh" else text.split(), 3) for text in (left, right))
    return len(one & other) / len(one | other)


def measure(change: Change, originals: Sequence[Sequence[str]], corpus: Sequence[str]) -> str:
    """Return the row of a change in the first table."""
    rng = np.random.default_rng(4)
    similarities: list[tuple[float, float, float]] = []
    reached = {0.7: np.zeros(2, np.int64), 0.8: np.zeros(2, np.int64)}
    touched = 0
    for original in originals:
        text = join_units(change.language, original)
        touched += change.apply(text) != text
        for rate in EDIT_RATES:
            reprint = change.apply(join_units(change.language, edit_units(original, rate, corpus, rng)))
            folded, unfolded = (jaccard(text, reprint, settings=settings) for settings in (FOLDED, UNFOLDED))
            for threshold, counts in reached.items():
                counts += [folded >= threshold, folded >= threshold > unfolded]
            if rate == 0.0:
                similarities.append((jaccard_of_plain_words(change.language, text, reprint), unfolded, folded))
    means = "  ".join(f"{mean:.2f}" for mean in np.mean(similarities, axis=0))
    only = "  ".join(f"{counts[0]:5} {counts[1] / max(counts[0], 1):6.1%}" for counts in reached.values())
    return f"{change.language} {change.name:36} {touched:3}/{len(originals):3}   {means}   {only}"


def report_natural(texts: Path) -> None:
    """Print how many pairs of the directory's own pages are near-duplicates with folding, and how many without."""
    print("\nreprints among the pages: language, pages, threshold, pairs with folding, only with, only without")
    for language in list_languages(texts):
        own_texts = [text for _, text in natural_texts(language, texts)]
        for threshold in (0.7, 0.8):
            found = []
            for fold in (True, False):
                pairs = find_duplicates(own_texts, settings=Settings(threshold=threshold, fold=fold)).pairs
                found.append({(pair.left, pair.right) for pair in pairs})
            cells = len(found[0]), len(found[0] - found[1]), len(found[1] - found[0])
            if any(cells):
                print(language, len(own_texts), threshold, *cells)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="What folding adds on natural text.")
    parser.add_argument("--texts", type=Path, help="a directory of JSON files with `lang` and `gold_text`")
    options = parser.parse_args()
    print("change; documents touched; Jaccard of a document with itself: plain words, unfolded, folded;")
    print("reprints that reach 0.7, share that does only with folding; the same of 0.8")
    for change in CHANGES:
        corpus = load_units(change.language, options.texts)
        originals = cut_passages(corpus, PASSAGES, LENGTH)
        if originals:
            print(measure(change, originals, corpus), flush=True)
    report_sentences()
    if options.texts:
        report_natural(options.texts)


if __name__ == "__main__":
    main()
