"""The documentation says what is so: commands and snippets run, shown outputs and figures are those of a run, links and
names exist.
"""

import importlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from tests.integration import preloaded

ROOT = Path(__file__).resolve().parent.parent.parent
GUIDES = ROOT / "docs" / "how-to"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
# Reference pages are made from the code; the changelog names what is no more.
WRITTEN = [page for page in PAGES if page.parent.name != "reference" and page.name != "CHANGELOG.md"]
_FENCE = re.compile(r"^ *```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_PATH = re.compile(r"`((?:saaf|benchmarks|docs|tests|seeds|\.ci)/[\w./-]*)`")
_NAME = re.compile(r"`(saaf(?!\.toml\b)(?:\.\w+)+)`")
_LEFT_OUT = "…"
_CURL = """\
#!/bin/sh
# Stands in for curl: whatever the address, the answer is page.html; -o names the file to write.
while [ $# -gt 0 ]; do case $1 in -o) exec cp page.html "$2";; *) shift;; esac; done
exec cat page.html
"""


def snippets(page: Path, kind: str) -> list[str]:
    """Return the fenced blocks of a kind in a page."""
    found = _FENCE.findall(page.read_text(encoding="utf-8"))
    return [dedent(body) for language, body in found if language == kind]


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a user who has activated the virtual environment; `curl` answers without a network.

    What a page calls `saaf` and `scrapy` runs in a fork; the tutorial's `.venv/bin/saaf` is the installed command.
    """
    path = os.pathsep.join([str(folder / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
    return os.environ | {"PATH": path, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run shell commands in a folder up to the first that fails."""
    return subprocess.run(
        ["bash", "-euc", command],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def sessions(page: Path) -> Iterator[tuple[str, str]]:
    """Yield each command of a page that is shown with its output, and that output."""
    for block in snippets(page, "console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


def matches(shown: str, real: str) -> bool:
    """Return whether an output is as a page shows it; a line "…" of the page stands for any number of lines."""
    parts = [
        r"(?:.*\n)*?" if line.rstrip("\n") == _LEFT_OUT else re.escape(line) for line in shown.splitlines(keepends=True)
    ]
    return re.fullmatch("".join(parts), real) is not None


def checkout(folder: Path) -> Path:
    """Make a folder look like a checkout that saaf was installed in, and return it."""
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "seeds").symlink_to(ROOT / "seeds")
    (folder / "bin").mkdir()
    (folder / "bin" / "curl").write_text(_CURL, encoding="utf-8")
    (folder / "bin" / "curl").chmod(0o755)
    preloaded.write_commands(folder / "bin")
    shutil.copy(ROOT / "scrapy.cfg", folder)
    shutil.copy(ROOT / "seeds" / "harbour" / "the-empty-desk.html", folder / "page.html")
    return folder


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the corpus of the seeds where the README says it is, and that of one of their sites."""
    folder = checkout(tmp_path_factory.mktemp("readme"))
    one_site = "scrapy crawl seeds -s SAAF_FIXTURES=seeds/samachar -s SAAF_OUTPUT=one-site"
    done = run(f"scrapy crawl seeds; {one_site}", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def own_data(workplace: Path, tmp_path: Path) -> Path:
    """A folder with the files that the guides' commands are given, by their names: small ones."""
    folder = checkout(tmp_path)
    corpus = workplace / "one-site"
    for name in ("crawl", "monday", "tuesday", "wednesday"):
        shutil.copy(corpus / "capture" / "records.warc.gz", folder / f"{name}.warc.gz")
    (documents,) = (corpus / "data").glob("*/*.parquet")
    for name in ("corpus", "new"):
        shutil.copy(documents, folder / f"{name}.parquet")
    (folder / "texts").mkdir()
    for text in (ROOT / "seeds").glob("*.txt"):
        shutil.copy(text, folder / "texts")
    (folder / "pages" / "harbour").mkdir(parents=True)
    shutil.copy(folder / "page.html", folder / "pages" / "harbour" / "story.html")
    write_gold(folder / "pages" / "harbour" / "story.json")
    return folder


def write_gold(path: Path) -> None:
    """Write the clean text of page.html as `saaf evaluate` reads it."""
    gold = (ROOT / "tests" / "golden" / "sites" / "harbour" / "the-empty-desk.txt").read_text(encoding="utf-8")
    lines = [line for line in gold.splitlines() if not line.startswith("? ")]
    story = {"url": "https://www.harbour-gazette.example/letters", "lang": "en", "gold_text": "\n".join(lines)}
    path.write_text(json.dumps(story), encoding="utf-8")


def test_the_readme_shows_two_commands_and_ci_ends_with_the_second() -> None:
    first, second = snippets(ROOT / "README.md", "sh")[:2]
    assert first.rstrip().endswith("scrapy crawl seeds")
    assert second.count("\n") == 1
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").endswith("\n" + second)


@pytest.mark.parametrize("snippet", snippets(ROOT / "README.md", "python"))
def test_a_snippet_of_the_readme_runs(workplace: Path, snippet: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", snippet], cwd=workplace, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_commands_of_the_readme_run_on_ones_own_data(own_data: Path) -> None:
    commands, crawl = snippets(ROOT / "README.md", "sh")[2:]
    assert crawl.startswith("saaf crawl https://")  # a live site: tests/integration/test_saaf_crawl.py
    done = run(commands, own_data)
    assert done.returncode == 0, done.stderr


def test_the_picture_in_the_readme_shows_the_figures_of_a_run(workplace: Path) -> None:
    spec = importlib.util.spec_from_file_location("make_figures", ROOT / "docs" / "make_figures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    written = json.loads((ROOT / "docs" / "images" / "report.json").read_text(encoding="utf-8"))
    assert written == module.figures(workplace / "out" / "seeds"), "run `python docs/make_figures.py`"


def test_the_tutorial_installs_what_the_readme_installs() -> None:
    (install,) = snippets(ROOT / "docs" / "tutorial.md", "sh")
    assert snippets(ROOT / "README.md", "sh")[0].startswith(install.rstrip() + " && ")


@pytest.mark.parametrize("name", ["tutorial.md", "how-to/compare-crawls.md"])
def test_a_page_shows_what_its_commands_print(tmp_path: Path, name: str) -> None:
    folder = checkout(tmp_path)
    for command, shown in sessions(ROOT / "docs" / name):
        done = run(command, folder)
        assert done.returncode == 0, done.stderr
        assert matches(shown, done.stdout), f"$ {command}\n{done.stdout}"


@pytest.mark.parametrize(
    "name",
    [
        "compare-crawls.md",
        "leave-out-lists-and-errors.md",
        "replay-an-archive.md",
        "respect-rights.md",
        "review-a-site-profile.md",
    ],
)
def test_the_commands_of_a_guide_run(own_data: Path, name: str) -> None:
    setup = "saaf build texts/ -o out/\n"  # the corpus that the reader of these guides has
    done = run(setup + "".join(snippets(GUIDES / name, "sh")), own_data)
    assert done.returncode == 0, done.stderr
    for query in snippets(GUIDES / name, "sql"):
        command = [sys.executable, "-c", "import duckdb, sys; duckdb.sql(sys.argv[1]).show()", query]
        subprocess.run(command, cwd=own_data, check=True, timeout=600)


def test_the_guide_to_measuring_can_be_followed(own_data: Path) -> None:
    save, measure = snippets(GUIDES / "measure-on-your-sites.md", "sh")
    (shown,) = snippets(GUIDES / "measure-on-your-sites.md", "json")
    shutil.rmtree(own_data / "pages")
    assert run(save, own_data).returncode == 0
    write_gold(own_data / "pages" / "example.org" / "story.json")
    assert json.loads(shown).keys() >= {"url", "lang", "gold_text"}
    done = run(measure, own_data)
    assert done.returncode == 0, done.stderr


def test_the_guide_to_sites_shows_a_spider_that_crawls(tmp_path: Path) -> None:
    folder, guide = checkout(tmp_path), GUIDES / "add-a-site.md"
    (spider,), (manifest,) = snippets(guide, "python"), snippets(guide, "toml")
    (folder / "own").mkdir()
    (folder / "own" / "harbournews.py").write_text(spider, encoding="utf-8")
    settings = 'from saaf.crawler.settings import *\n\nSPIDER_MODULES = ["saaf.crawler.spiders", "own"]\n'
    (folder / "own_settings.py").write_text(settings, encoding="utf-8")
    (folder / "scrapy.cfg").write_text("[settings]\ndefault = own_settings\n", encoding="utf-8")
    saved = folder / "saved" / "harbournews"
    saved.mkdir(parents=True)
    (saved / "manifest.toml").write_text(manifest, encoding="utf-8")
    first, second = tomllib.loads(manifest)["response"]
    (saved / first["file"]).write_text(f'<a href="{second["url"]}">The tide gauge</a>', encoding="utf-8")
    shutil.copy(folder / "page.html", saved / second["file"])
    (_, replay) = [command for command, _ in sessions(guide)]
    done = run(replay.replace("SAAF_FIXTURES=seeds/", "SAAF_FIXTURES=saved/"), folder)
    assert done.returncode == 0, done.stderr
    assert "documents   1 in out/harbournews/data\n" in done.stdout


def test_the_guide_to_columns_shows_a_column() -> None:
    field, value = snippets(GUIDES / "add-a-column.md", "python")
    made = ["import pyarrow as pa", "from saaf.corpus.schema import column", f"columns = ({field.strip()})"]
    use = ["reading_age, clean = len, type('clean', (), {'text': ''})", f"row = {{{value}}}"]
    check = ["assert {one.name for one in columns} == row.keys()"]
    done = subprocess.run([sys.executable, "-c", "\n".join([*made, *use, *check])], cwd=ROOT, check=False)
    assert done.returncode == 0


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


def test_the_guide_to_profiles_shows_a_profile_that_can_be_read() -> None:
    from saaf.cleaning.site.profile_json import from_json

    profile, entry = snippets(GUIDES / "review-a-site-profile.md", "json")
    assert from_json(profile).site == "gazette.example"
    assert json.loads(entry)["keep"] is True


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    links = [link for link in _LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_and_name_in_a_page_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert [path for path in _PATH.findall(text) if not (ROOT / path).exists()] == []
    assert [name for name in _NAME.findall(text) if not exists(name)] == []


def exists(name: str) -> bool:
    """Return whether a dotted name is a module, or an attribute of one."""
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        module, _, attribute = name.rpartition(".")
        return exists(module) and hasattr(importlib.import_module(module), attribute)
    return True


def test_one_version_is_named_everywhere() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    released = re.findall(r"^## (\d\S*) - (\S+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    cited = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert released[0][0] == version
    assert f'version: {version}\ndate-released: "{released[0][1]}"\n' in cited


def test_the_command_is_on_the_path_of_the_environment() -> None:
    assert shutil.which("saaf", path=str(Path(sys.executable).parent)) is not None
