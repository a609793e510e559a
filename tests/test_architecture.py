"""Who may import whom, read from the source: packages, third parties, and no circles between modules."""

import ast
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("cleaning", "cli", "corpus", "crawler", "dedupe")

# The table is docs/decisions/0013-one-import-package.md's: a package, and the packages that it may import.
MAY_IMPORT = {
    "cleaning": set[str](),
    "dedupe": set[str](),
    "corpus": {"cleaning", "dedupe"},
    "crawler": {"cleaning", "corpus"},
    "cli": {"cleaning", "corpus", "crawler", "dedupe"},
}
# A third party has one owner; no other package imports it.
OWNER = {
    "scrapy": "crawler",
    "twisted": "crawler",
    "playwright": "crawler",
    "scrapy_playwright": "crawler",
    "tldextract": "crawler",
    "OpenSSL": "crawler",
    "service_identity": "crawler",
    "zope": "crawler",
    "feedparser": "crawler",
    "trafilatura": "cleaning",
    "justext": "cleaning",
    "lxml": "cleaning",
    "babel": "cleaning",
    "py3langid": "cleaning",
    "pycld2": "cleaning",
    "fasttext": "cleaning",
    "datasketch": "dedupe",
    "pyarrow": "corpus",
    "fastwarc": "corpus",
    "warcio": "corpus",
    "fsspec": "corpus",
    "huggingface_hub": "corpus",
    "jinja2": "corpus",
    "pebble": "corpus",
    "ray": "corpus",
    "pyspark": "corpus",
    "rich": "cli",
    "typer": "cli",
}
# The peers that `saaf evaluate` measures beside ours: a cleaner need not import its competitors.
EXCEPTIONS = {"saaf.corpus.evaluation.peers": {"trafilatura", "justext"}}
# The layers of `saaf.cleaning`, the lowest first: a module imports from its own layer and from those before it.
LAYERS = (
    "disk_cache", "structure", "types", "text", "quality", "html", "dates", "phrases", "rules", "metadata", "rights",
    "votes", "model", "analysis", "decision", "site", "readers", "model_rule", "pipeline", "spans", "postprocess",
    "render", "version", "preload",
)  # fmt: skip
# Whether the trees run compiled is a matter of the whole process, and hundreds of processes would take minutes.
PATCHED = {"test_forests": {"_NUMBA_MIN_ROWS", "_rows_evaluated", "_kernel"}}
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / "saaf").rglob("*.py"))
}
IN_PACKAGES = [name for name in MODULES if name.count(".") > 1]


@cache
def imported(name: str) -> frozenset[str]:
    """Return the modules that a module imports, those imported for their types too: a name of ours as far as it is a
    module, another as its top-level name.
    """
    path, found = MODULES[name], set()
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {_known(alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package.rsplit(".", node.level - 1)[0] if node.level else ""
            module = ".".join(filter(None, (base, node.module)))
            found |= {_known(f"{module}.{alias.name}") for alias in node.names}
    return frozenset(found - {name})


def _known(name: str) -> str:
    if name.partition(".")[0] != "saaf":
        return name.partition(".")[0]
    while name not in MODULES:
        name = name.rpartition(".")[0]
    return name


def package_of(name: str) -> str:
    return name.split(".")[1] if name.startswith("saaf.") else name


@pytest.mark.parametrize("name", IN_PACKAGES)
def test_a_module_imports_only_what_its_package_may(name: str) -> None:
    package, others = package_of(name), {package_of(other) for other in imported(name)}
    assert others & set(PACKAGES) - {package} <= MAY_IMPORT[package]
    foreign = {other for other in others if OWNER.get(other, package) != package}
    assert foreign == EXCEPTIONS.get(name, set())
    assert not {"saaf", "saaf.api"} & imported(name), "the public API imports the packages, never the other way round"


def test_what_all_packages_may_import_imports_the_standard_library_alone() -> None:
    for name in ("saaf.atomic_files", "saaf.lazy_names"):
        assert imported(name) - set(sys.stdlib_module_names) == set()


def test_no_modules_import_each_other_in_a_circle() -> None:
    left = {name: {other for other in imported(name) if other in MODULES} for name in MODULES}
    while free := [name for name, others in left.items() if not others & left.keys()]:
        for name in free:
            del left[name]
    assert left == {}


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("saaf.cleaning.")])
def test_a_module_of_cleaning_imports_no_layer_above_its_own(name: str) -> None:
    own = LAYERS.index(name.split(".")[2])
    above = {other for other in imported(name) if other.startswith("saaf.cleaning") and _layer(other) > own}
    assert above == set()


def _layer(name: str) -> int:
    """Return the number of a module's layer; the package's own public face is above all."""
    return LAYERS.index(name.split(".")[2]) if name.count(".") > 1 else len(LAYERS)


def test_every_package_is_in_the_table() -> None:
    assert {package_of(name) for name in IN_PACKAGES} == set(PACKAGES) == set(MAY_IMPORT)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_short_enough_to_read(name: str) -> None:
    assert len(MODULES[name].read_text(encoding="utf-8").splitlines()) <= 350, "two ideas in one module: split it"


def test_every_third_party_import_is_declared() -> None:
    declared = (ROOT / "pyproject.toml").read_text(encoding="utf-8").lower().replace("-", "_")
    outside = {other for name in MODULES for other in imported(name)} - set(sys.stdlib_module_names) - set(MODULES)
    from_scrapy = ("twisted", "itemadapter", "w3lib", "tldextract", "OpenSSL", "service_identity", "zope")
    comes_with = {**dict.fromkeys(from_scrapy, "scrapy"), "click": "typer"}
    assert {name for name in outside if comes_with.get(name, name).lower().replace("-", "_") not in declared} == set()


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("*.py")), ids=lambda path: path.stem)
def test_tests_patch_no_internals(path: Path) -> None:
    """A test that replaces a private name, or one that it spells as a string, breaks when the code is moved and not
    when it is wrong: what a test needs to set is a parameter.
    """
    calls = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in {"setattr", "delattr", "patch"}
    ]
    texts = [[one.value for one in call.args[:2] if isinstance(one, ast.Constant)] for call in calls]
    names = {str(text) for call in texts for text in call}
    assert {name for name in names if name.startswith(("saaf", "benchmarks", "_"))} == PATCHED.get(path.stem, set())


def test_property_tests_wait_for_no_clock_and_draw_the_same_examples_each_time() -> None:
    assert settings().deadline is None
    assert settings().derandomize


@pytest.mark.parametrize("name", ["cleaning", "crawler", "dedupe"])
def test_the_links_at_the_top_lead_into_the_package_and_nothing_imports_through_them(name: str) -> None:
    assert (ROOT / name).is_symlink()
    assert (ROOT / name).resolve() == ROOT / "saaf" / name
    sources = [*MODULES.values(), *(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")]
    for path in sources:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        tops = {
            alias.name.partition(".")[0] for one in ast.walk(tree) if isinstance(one, ast.Import) for alias in one.names
        }
        froms = [one for one in ast.walk(tree) if isinstance(one, ast.ImportFrom) and not one.level]
        assert name not in tops | {(one.module or "").partition(".")[0] for one in froms}, path
