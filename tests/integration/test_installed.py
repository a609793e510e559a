"""The wheel, installed and used outside the checkout, beside packages of others called dedupe and crawler."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from saaf.corpus.exit_codes import Exit

ROOT = Path(__file__).resolve().parents[2]
SCRAPY = (sys.executable, "-m", "scrapy")
NEEDED = ("pyproject.toml", "README.md", "LICENSE", "saaf", "src")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the sources without a network."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in NEEDED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    options = ["--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(target)]
    run(sys.executable, "-m", "pip", "wheel", "--quiet", *options, str(source), cwd=source)
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the wheel installed beside a package `dedupe` of somebody else."""
    directory = tmp_path_factory.mktemp("site")
    (directory / "dedupe").mkdir()
    (directory / "dedupe" / "__init__.py").write_text("OWNER = 'somebody else'\n", encoding="utf-8")
    options = ["--no-deps", "--no-index", "--no-warn-conflicts", "--target", str(directory)]
    run(sys.executable, "-m", "pip", "install", "--quiet", *options, str(wheel), cwd=directory)
    return directory


def run(*command: str, cwd: Path, site: Path | None = None) -> str:
    done = process(*command, cwd=cwd, site=site)
    assert done.returncode == 0, done.stderr
    return done.stdout


def process(*command: str, cwd: Path, site: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | variables
    if site is not None:
        environment["PYTHONPATH"] = str(site)
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=600, check=False)


def test_the_wheel_holds_saaf_alone_with_its_data(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"saaf"}
    assert {"saaf/py.typed", "saaf/cleaning/phrases/languages/hi.toml", "saaf/cleaning/model/blocks.html.npz"} <= {
        *names
    }
    sources = {str(path.relative_to(ROOT)) for path in (ROOT / "saaf").rglob("*") if path.is_file()}
    assert {name for name in sources if "__pycache__" not in name} <= {*names}, "every file of the package is in it"


def test_the_library_works_and_leaves_the_other_dedupe_alone(site: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    shutil.copy(ROOT / "seeds" / "harbour" / "interview-bell-ringer.html", page)
    code = (
        "import saaf, dedupe\n"
        "document = saaf.clean_html(open('page.html', 'rb').read(), url='https://www.example.org/story')\n"
        "print(len(document.text) > 200, dedupe.OWNER, saaf.find_duplicates(['a b c d e f'] * 2).pairs[0].jaccard)\n"
        "print(saaf.__file__)"
    )
    first, where = run(sys.executable, "-c", code, cwd=tmp_path, site=site).splitlines()
    assert first == "True somebody else 1.0"
    assert Path(where).is_relative_to(site)
    assert (site / "dedupe" / "__init__.py").read_text(encoding="utf-8") == "OWNER = 'somebody else'\n"


def test_a_scrapy_project_called_crawler_can_be_made_and_keeps_its_settings(site: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "scrapy", "startproject", "crawler", cwd=tmp_path, site=site)
    project = tmp_path / "crawler"
    assert run(sys.executable, "-m", "scrapy", "settings", "--get", "BOT_NAME", cwd=project, site=site) == "crawler\n"
    with (project / "crawler" / "settings.py").open("a", encoding="utf-8") as settings:
        settings.write('\nADDONS = {"saaf.crawler.addon.Saaf": 100}\n')
    assert run(sys.executable, "-m", "scrapy", "settings", "--get", "BOT_NAME", cwd=project, site=site) == "crawler\n"
    assert "saaf.crawler" in run(sys.executable, "-m", "scrapy", "settings", "--get", "ADDONS", cwd=project, site=site)


def test_a_scrapy_project_of_ones_own_crawls_cleans_and_builds(site: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "scrapy", "startproject", "crawler", cwd=tmp_path, site=site)
    project = tmp_path / "crawler"
    settings = project / "crawler" / "settings.py"
    guide = (ROOT / "docs" / "how-to" / "use-your-own-scrapy-project.md").read_text(encoding="utf-8")
    settings.write_text(guide.split("```python\n")[3].partition("```")[0], encoding="utf-8")
    (project / "crawler" / "spiders" / "harbour.py").write_text(
        "from saaf.crawler.spiders.site import SiteSpider\n\n\n"
        "class Harbour(SiteSpider):\n"
        "    name = 'harbour'\n"
        "    allowed_domains = ['harbour-gazette.example']\n"
        "    start_urls = ['https://www.harbour-gazette.example/']\n"
        "    article = r'/\\d{4}/\\d{2}/\\d{2}/'\n",
        encoding="utf-8",
    )
    assert run(*SCRAPY, "settings", "--get", "BOT_NAME", cwd=project, site=site) == "crawler\n"
    assert run(*SCRAPY, "list", cwd=project, site=site) == "harbour\n"
    fixtures = f"SAAF_FIXTURES={ROOT / 'seeds' / 'harbour'}"
    shown = run(*SCRAPY, "crawl", "harbour", "-s", fixtures, "-O", "a.parquet", cwd=project, site=site)
    assert "documents" in shown
    assert list((project / "out" / "harbour" / "data").glob("*/*.parquet"))
    assert (project / "a.parquet").is_file()


MIXED = """\
from saaf.crawler.spiders.site import SiteSpider


class Mixed(SiteSpider):
    name = "mixed"
    allowed_domains = ["harbour-gazette.example"]
    start_urls = ["https://www.harbour-gazette.example/"]

    def parse(self, response, **arguments):
        yield {"seen": response.url}
        yield from super().parse(response, **arguments)
"""


@pytest.fixture(scope="module")
def foreign(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project made by `scrapy startproject` that has the add-on and else its own settings, and a spider."""
    directory = tmp_path_factory.mktemp("foreign")
    run(*SCRAPY, "startproject", "paper", cwd=directory, site=site)
    project = directory / "paper"
    settings = project / "paper" / "settings.py"
    text = settings.read_text(encoding="utf-8")
    assert "\nADDONS = {}\n" in text
    guide = (ROOT / "docs" / "how-to" / "use-your-own-scrapy-project.md").read_text(encoding="utf-8")
    line = guide.partition("```python\n")[2].partition("\n```")[0]
    settings.write_text(text.replace("ADDONS = {}", line), encoding="utf-8")
    (project / "paper" / "spiders" / "mixed.py").write_text(MIXED, encoding="utf-8")
    return project


def test_by_the_add_on_alone_a_project_has_corpus_and_feeds_of_mixed_items(foreign: Path, site: Path) -> None:
    options = ("-s", f"SAAF_FIXTURES={ROOT / 'seeds' / 'harbour'}")
    shown = run(*SCRAPY, "crawl", "mixed", *options, "-O", "out.parquet", cwd=foreign, site=site)
    assert "report      out/mixed/report/report.html" in shown
    rows = pq.read_table(foreign / "out.parquet").num_rows
    others = (foreign / "out.other.jsonl").read_text(encoding="utf-8").splitlines()
    assert rows >= 5
    assert {tuple(json.loads(line)) for line in others} == {("seen",)}
    lines = run(
        *SCRAPY, "crawl", "mixed", *options, "-s", "SAAF_CAPTURE=0", "-O", "-:jsonl", cwd=foreign, site=site
    ).splitlines()
    kinds = ["seen" in json.loads(line) for line in lines]
    assert (kinds.count(True), kinds.count(False)) == (len(others), rows), "and nothing else on standard output"


def test_a_project_without_the_add_on_has_scrapy_s_own_command(foreign: Path, site: Path) -> None:
    (foreign / "plain.py").write_text("SPIDER_MODULES = ['paper.spiders']\n", encoding="utf-8")
    plain = {"SCRAPY_SETTINGS_MODULE": "plain"}
    done = process(*SCRAPY, "crawl", "mixed", "-O", "out2.parquet", cwd=foreign, site=site, **plain)
    assert done.returncode == 2
    assert "Unrecognized output format 'parquet'" in done.stderr
    code = "import scrapy.cmdline, sys; scrapy.cmdline._get_commands_dict({'COMMANDS_MODULE': ''}, True); print("
    heavy = run(sys.executable, "-c", code + "'pyarrow' in sys.modules)", cwd=foreign, site=site)
    assert heavy == "False\n", "Scrapy's commands start as fast as before"


def test_the_news_template_makes_a_spider_that_runs(foreign: Path, site: Path) -> None:
    module = foreign / "paper" / "settings.py"
    module.write_text(module.read_text(encoding="utf-8") + "\nCOMMANDS_MODULE = 'saaf.crawler.commands'\n", "utf-8")
    listed = run(*SCRAPY, "genspider", "-l", cwd=foreign, site=site).split()
    assert {"news", "basic", "crawl"} <= set(listed)
    run(*SCRAPY, "genspider", "-t", "news", "harbour", "www.harbour-gazette.example", cwd=foreign, site=site)
    run(*SCRAPY, "genspider", "plain", "www.example.org", cwd=foreign, site=site)
    options = ("-s", f"SAAF_FIXTURES={ROOT / 'seeds' / 'harbour'}", "-s", "DOWNLOAD_DELAY=0")
    checked = process(*SCRAPY, "check", "harbour", *options, cwd=foreign, site=site)
    assert checked.returncode == 0, checked.stderr
    assert "Ran 1 contract" in checked.stderr
    shown = run(*SCRAPY, "crawl", "harbour", *options, "-s", "SAAF_BUILD=0", cwd=foreign, site=site)
    assert "responses in out/harbour/capture (the crawl: finished)" in shown
    listing = (foreign / "out" / "harbour" / "capture" / "urls.jsonl").read_text(encoding="utf-8")
    assert listing.count('"document"') >= 5


def test_saaf_crawl_works_from_anywhere_and_the_seeds_say_that_they_do_not(site: Path, tmp_path: Path) -> None:
    saaf = (sys.executable, "-m", "saaf.cli.app", "crawl")
    fixtures = str(ROOT / "seeds" / "harbour")
    url = "https://www.harbour-gazette.example/"
    shown = run(*saaf, url, "-o", "o", "--fixtures", fixtures, "--no-build", cwd=tmp_path, site=site)
    assert "responses in o/capture (the crawl: finished)" in shown
    ours = {"SCRAPY_SETTINGS_MODULE": "saaf.crawler.settings"}
    done = process(*SCRAPY, "crawl", "seeds", cwd=tmp_path, site=site, **ours)
    assert done.returncode == Exit.CONFIGURATION
    (line,) = done.stderr.splitlines()
    assert line.startswith("saaf: seeds: the seeds are in saaf's source repository and are not installed")
    nowhere = process(*SCRAPY, "crawl", "web", cwd=tmp_path, site=site)
    assert nowhere.returncode == 2
    assert "`saaf crawl URL -o DIR` needs none" in nowhere.stderr


def test_a_type_checker_sees_the_editable_installation(tmp_path: Path) -> None:
    (tmp_path / "use.py").write_text(
        "import saaf\nreveal_type(saaf.clean_html(b'<p>x</p>').text)\nreveal_type(saaf.rules())\n"
        "saaf.clean_htm  # type: ignore[attr-defined]\n",  # which strict mypy refuses where there is no error
        encoding="utf-8",
    )
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--follow-imports=silent",
        "--cache-dir",
        str(tmp_path),
        "use.py",
    ]
    shown = run(*command, cwd=tmp_path)
    assert 'Revealed type is "str"' in shown
    assert 'Revealed type is "dict[str, str]"' in shown.replace("builtins.", "")
