"""Near-duplicates among texts in any script: candidates by MinHash, every pair verified, every choice explained."""

from dedupe.characters import VERSION
from dedupe.clusters import Cluster, Linkage, Pair
from dedupe.find import Duplicates, find_duplicates
from dedupe.rejected import closest_rejected
from dedupe.settings import Bands, Settings
from dedupe.tokenizer import fold, tokens
from dedupe.verify import jaccard

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
