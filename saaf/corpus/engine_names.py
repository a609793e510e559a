"""The names of the engines that a build can run on."""

from __future__ import annotations

from enum import StrEnum


class EngineName(StrEnum):
    """What runs the tasks of a build: processes of this machine, a Ray cluster, or a Spark cluster."""

    LOCAL = "local"
    RAY = "ray"
    SPARK = "spark"
