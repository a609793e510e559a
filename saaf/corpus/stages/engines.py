"""The choice of the engine of a build."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from saaf.corpus.engine_names import EngineName
from saaf.corpus.file_names import WORK
from saaf.corpus.input_paths import parse_input
from saaf.corpus.stages.engine import open_engine
from saaf.corpus.stages.ray_engine import open_ray
from saaf.corpus.stages.spark_engine import open_spark
from saaf.corpus.standard_input import is_standard_input

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from saaf.corpus.input_paths import InputPath
    from saaf.corpus.process_limits import Limits
    from saaf.corpus.settings import BuildSettings
    from saaf.corpus.stages.engine import Engine

    OpenCluster = Callable[[int, Limits, Path, Sequence[Path]], AbstractContextManager[Engine]]


@contextmanager
def open_chosen_engine(settings: BuildSettings, work: Path, inputs: Sequence[InputPath]) -> Iterator[Engine]:
    """Yield the engine that the settings name. Raises `EngineError` where it cannot be used.

    `work` is the directory of the build, `inputs` are its inputs: all machines of a cluster must see both.
    """
    if settings.engine is EngineName.LOCAL:
        with open_engine(settings.workers, settings.limits, cleans=settings.clean) as engine:
            yield engine
        return
    open_cluster: OpenCluster = open_ray if settings.engine is EngineName.RAY else open_spark
    paths = [path for path in (*inputs, settings.profiles) if isinstance(path, Path) and path.exists()]
    with open_cluster(settings.workers, settings.limits, work, paths) as cluster:
        yield cluster


def locate(
    inputs: Sequence[Path], settings: BuildSettings, output: Path
) -> tuple[list[InputPath], BuildSettings, Path]:
    """Return inputs, settings and the directory of the work as all machines know them: their paths are absolute.

    On this machine alone they are as they were given, because messages name them.
    """
    paths = [path if is_standard_input(path) else parse_input(path) for path in inputs]
    work = output / WORK
    if settings.engine is EngineName.LOCAL:
        return paths, settings, work
    profiles = settings.profiles.absolute() if settings.profiles else None
    absolute = [path.absolute() if isinstance(path, Path) and not is_standard_input(path) else path for path in paths]
    return absolute, replace(settings, profiles=profiles), work.absolute()
