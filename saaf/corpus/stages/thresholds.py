"""The stage that derives thresholds of quality: the sum of the histograms of all partitions, and limits by language."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from saaf.cleaning.quality.derive import derive_thresholds
from saaf.cleaning.quality.histograms import Histograms
from saaf.cleaning.quality.thresholds import Threshold, Thresholds
from saaf.corpus.quality_filter import unfiltered_notes
from saaf.corpus.stages.row_output import HISTOGRAMS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from saaf.corpus.quality_filter import QualityFilter
    from saaf.corpus.stages.guard import PageGuard
    from saaf.corpus.stages.tasks import Result, Task, TaskFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedFilter:
    """The quality filter that a build applies: its `names`, the thresholds by language key, and for each language for
    which none could be derived the reason.
    """

    names: tuple[str, ...]
    thresholds: Mapping[str, Thresholds]
    without: Mapping[str, str]

    def describe(self, kept: Mapping[str, int]) -> dict[str, Any]:
        """Return what the manifest records; `kept` are the kept documents by language key."""
        return {
            "filters": list(self.names),
            "thresholds": {
                key: [
                    {"signal": one.signal, "bound": one.bound, "limit": one.limit, "source": one.source}
                    for one in thresholds
                ]
                for key, thresholds in sorted(self.thresholds.items())
            },
            "unfiltered": {key: kept[key] for key in self.unfiltered(kept)},
            "not_derived": dict(sorted(self.without.items())),
        }

    def unfiltered(self, kept: Mapping[str, int]) -> list[str]:
        """Return the language keys of kept documents for which there are no thresholds, most documents first."""
        keys = (key for key, count in kept.items() if count and not self.thresholds.get(key))
        return sorted(keys, key=lambda key: (-kept[key], key))

    def notes(self, kept: Mapping[str, int]) -> tuple[str, ...]:
        """Return a sentence on each language that was not filtered; `kept` are the documents by language key."""
        return unfiltered_notes(self.describe(kept))


def threshold_task(task: Task, _guard: PageGuard) -> Result:
    """Return the thresholds that are derived from the rows of all partitions, and why a language has none."""
    rows: tuple[TaskFiles, ...] = task.arguments
    histograms = Histograms()
    for one in rows:
        histograms.merge(Histograms.from_json(json.loads(one.path(HISTOGRAMS).read_text(encoding="utf-8"))))
    derived = derive_thresholds(histograms)
    found = {
        key: [[one.signal, one.bound, one.limit, one.source] for one in thresholds]
        for key, thresholds in derived.thresholds.items()
    }
    return {"thresholds": found, "without": derived.without}


def applied_filter(chosen: QualityFilter, derived: Result | None) -> AppliedFilter:
    """Return the filter with what was `derived`, the result of `threshold_task`; None where nothing was."""
    found = {
        key: tuple(
            Threshold(signal=signal, bound=bound, limit=limit, source=source)
            for signal, bound, limit, source in thresholds
        )
        for key, thresholds in (derived["thresholds"] if derived else {}).items()
    }
    without = dict(derived["without"]) if derived else {}
    return AppliedFilter(names=chosen.names, thresholds=chosen.table(found), without=without)
