"""The wheel, installed and used outside the checkout, beside packages of others called dedupe and crawler."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
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
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if site is not None:
        environment["PYTHONPATH"] = str(site)
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


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
    settings.write_text(guide.partition("```python\n")[2].partition("```")[0], encoding="utf-8")
    (project / "crawler" / "spiders" / "harbour.py").write_text(
        "from saaf.crawler.spiders.site import SiteSpider\n\n\n"
        "class Harbour(SiteSpider):\n"
        "    name = 'harbour'\n"
        "    allowed_domains = ['harbour-gazette.example']\n"
        "    start_urls = ['https://www.harbour-gazette.example/']\n"
        "    article = r'/\\d{4}/\\d{2}/\\d{2}/'\n",
        encoding="utf-8",
    )
    scrapy = (sys.executable, "-m", "scrapy")
    assert run(*scrapy, "settings", "--get", "BOT_NAME", cwd=project, site=site) == "crawler\n"
    assert run(*scrapy, "list", cwd=project, site=site) == "harbour\n"
    fixtures = f"SAAF_FIXTURES={ROOT / 'seeds' / 'harbour'}"
    shown = run(*scrapy, "crawl", "harbour", "-s", fixtures, "-O", "a.parquet", cwd=project, site=site)
    assert "documents" in shown
    assert (project / "out" / "harbour" / "documents.parquet").is_file()
    assert (project / "a.parquet").is_file()


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
