"""Near-duplicates among texts in any script: candidates by MinHash, every pair verified, every choice explained."""

from saaf.dedupe.characters import VERSION
from saaf.dedupe.clusters import Cluster, Linkage, Pair
from saaf.dedupe.find import Duplicates, find_duplicates
from saaf.dedupe.rejected import closest_rejected
from saaf.dedupe.settings import Bands, Settings
from saaf.dedupe.tokenizer import fold, tokens
from saaf.dedupe.verify import jaccard

__all__ = [
    "VERSION",
    "Bands",
    "Cluster",
    "Duplicates",
    "Linkage",
    "Pair",
    "Settings",
    "closest_rejected",
    "find_duplicates",
    "fold",
    "jaccard",
    "tokens",
]
