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
    "disk_cache", "structure", "page_types", "types", "text", "quality", "html", "dates", "phrases", "rules",
    "metadata", "rights", "votes", "model", "analysis", "decision", "site", "readers", "model_rule", "pipeline",
    "spans", "postprocess", "render", "version", "preload",
)  # fmt: skip
# Whether the trees run compiled is a matter of the whole process, and hundreds of processes would take minutes.
PATCHED = {"test_forests": {"_NUMBA_MIN_ROWS", "_rows_evaluated", "_kernel"}}
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / "saaf").rglob("*.py"))
}
IN_PACKAGES = [name for name in MODULES if name.count(".") > 1]


@cache
def import_statements(path: Path) -> tuple[ast.Import | ast.ImportFrom, ...]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return tuple(node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom))


@cache
def imported(name: str) -> frozenset[str]:
    """Return the modules that a module imports, those imported for their types too: a name of ours as far as it is a
    module, another as its top-level name.
    """
    path, found = MODULES[name], set()
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in import_statements(path):
        if isinstance(node, ast.Import):
            found |= {_known(alias.name) for alias in node.names}
        else:
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


def test_a_module_imports_only_what_its_package_may() -> None:
    for name in IN_PACKAGES:
        package, others = package_of(name), {package_of(other) for other in imported(name)}
        assert others & set(PACKAGES) - {package} <= MAY_IMPORT[package], name
        foreign = {other for other in others if OWNER.get(other, package) != package}
        assert foreign == EXCEPTIONS.get(name, set()), name
        api = {"saaf", "saaf.api"} & imported(name)
        assert not api, f"{name}: the public API imports the packages, never the other way round"


def test_what_all_packages_may_import_imports_the_standard_library_alone() -> None:
    for name in ("saaf.atomic_files", "saaf.lazy_names"):
        assert imported(name) - set(sys.stdlib_module_names) == set()


def test_no_modules_import_each_other_in_a_circle() -> None:
    left = {name: {other for other in imported(name) if other in MODULES} for name in MODULES}
    while free := [name for name, others in left.items() if not others & left.keys()]:
        for name in free:
            del left[name]
    assert left == {}


def test_a_module_of_cleaning_imports_no_layer_above_its_own() -> None:
    for name in MODULES:
        if name.startswith("saaf.cleaning."):
            own = LAYERS.index(name.split(".")[2])
            above = {other for other in imported(name) if other.startswith("saaf.cleaning") and _layer(other) > own}
            assert above == set(), name


def _layer(name: str) -> int:
    """Return the number of a module's layer; the package's own public face is above all."""
    return LAYERS.index(name.split(".")[2]) if name.count(".") > 1 else len(LAYERS)


def test_every_package_is_in_the_table() -> None:
    assert {package_of(name) for name in IN_PACKAGES} == set(PACKAGES) == set(MAY_IMPORT)


def test_a_module_is_short_enough_to_read() -> None:
    lines = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in MODULES.items()}
    assert {name: count for name, count in lines.items() if count > 350} == {}, "two ideas in one module: split it"


def test_every_third_party_import_is_declared() -> None:
    declared = (ROOT / "pyproject.toml").read_text(encoding="utf-8").lower().replace("-", "_")
    outside = {other for name in MODULES for other in imported(name)} - set(sys.stdlib_module_names) - set(MODULES)
    from_scrapy = ("twisted", "itemadapter", "w3lib", "tldextract", "OpenSSL", "service_identity", "zope")
    comes_with = {**dict.fromkeys(from_scrapy, "scrapy"), "click": "typer"}
    assert {name for name in outside if comes_with.get(name, name).lower().replace("-", "_") not in declared} == set()


def test_tests_patch_no_internals() -> None:
    """A test that replaces a private name, or one that it spells as a string, breaks when the code is moved and not
    when it is wrong: what a test needs to set is a parameter.
    """
    for path in (ROOT / "tests").rglob("*.py"):
        names = _patched_names(path.read_text(encoding="utf-8"))
        inside = {name for name in names if name.startswith(("saaf", "benchmarks", "_"))}
        assert inside == PATCHED.get(path.stem, set()), path


def _patched_names(source: str) -> set[str]:
    if not any(name in source for name in _PATCHES):
        return set()
    calls = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in _PATCHES
    ]
    texts = [[one.value for one in call.args[:2] if isinstance(one, ast.Constant)] for call in calls]
    return {str(text) for call in texts for text in call}


_PATCHES = ("setattr", "delattr", "patch")


def test_property_tests_wait_for_no_clock_and_draw_the_same_examples_each_time() -> None:
    assert settings().deadline is None
    assert settings().derandomize


LINKS = ("cleaning", "crawler", "dedupe")


@pytest.mark.parametrize("name", LINKS)
def test_the_links_at_the_top_lead_into_the_package(name: str) -> None:
    assert (ROOT / name).is_symlink()
    assert (ROOT / name).resolve() == ROOT / "saaf" / name


def test_nothing_imports_through_the_links_at_the_top() -> None:
    for path in (*MODULES.values(), *(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")):
        tops = set()
        for node in import_statements(path):
            if isinstance(node, ast.Import):
                tops |= {alias.name.partition(".")[0] for alias in node.names}
            elif not node.level:
                tops.add((node.module or "").partition(".")[0])
        assert not tops & set(LINKS), path
