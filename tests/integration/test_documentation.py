"""The README's commands and snippets are run, the guides' code is run, and no link leads nowhere."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def snippets(page: Path, kind: str) -> list[str]:
    """Return the fenced blocks of a kind in a page."""
    return [body for language, body in _FENCE.findall(page.read_text(encoding="utf-8")) if language == kind]


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the corpus of the seeds where the README says it is."""
    folder = tmp_path_factory.mktemp("readme")
    command = [sys.executable, "-m", "scrapy", "crawl", "seeds", "-s", f"SAAF_OUTPUT={folder / 'out' / 'seeds'}"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=150)
    return folder


def test_the_readme_shows_two_commands_and_ci_ends_with_the_second() -> None:
    first, second = snippets(ROOT / "README.md", "sh")[:2]
    assert first.rstrip().endswith("scrapy crawl seeds")
    assert second.count("\n") == 1
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").endswith("\n" + second)


@pytest.mark.parametrize("snippet", snippets(ROOT / "README.md", "python"))
def test_a_snippet_of_the_readme_runs(workplace: Path, snippet: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", snippet], cwd=workplace, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_guide_to_rules_shows_a_rule_that_works() -> None:
    (source,) = snippets(ROOT / "docs" / "how-to" / "add-a-rule.md", "python")
    names: dict[str, object] = {}
    exec(compile(source, "add-a-rule.md", "exec"), names)  # noqa: S102  (our own page)
    from saaf import cleaning
    from saaf.cleaning.phrases.annotated_text import annotate

    rule = names["STARS"]
    assert isinstance(rule, cleaning.Rule)
    read = [
        cleaning.read(cleaning.Page(url=None, body=text.encode(), headers=(("content-type", "text/plain"),)))
        for text in (*rule.removes, *rule.keeps)
    ]
    assert [bool(list(rule.find(document, annotate(document.text)))) for document in read] == [True] * len(
        rule.removes
    ) + [False] * len(rule.keeps)


def test_the_guide_to_languages_shows_a_pack_that_can_be_read() -> None:
    from saaf.cleaning.phrases.packs import parse_pack

    (source,) = snippets(ROOT / "docs" / "how-to" / "add-a-language.md", "toml")
    assert [rule.id for rule in parse_pack(source, "sw")] == ["sw.related"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    links = [link for link in _LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_command_is_on_the_path_of_the_environment() -> None:
    assert shutil.which("saaf", path=str(Path(sys.executable).parent)) is not None
