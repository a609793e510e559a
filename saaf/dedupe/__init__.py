"""Near-duplicate detection for texts in any script: MinHash and LSH candidates, each verified by exact Jaccard."""

from saaf.dedupe.characters import VERSION
from saaf.dedupe.clusters import Cluster, Linkage, Pair
from saaf.dedupe.containment import Containment, Containments, find_contained, verify_containments
from saaf.dedupe.find import Duplicates, find_duplicates
from saaf.dedupe.rejected import closest_rejected
from saaf.dedupe.settings import Bands, Settings
from saaf.dedupe.star_join import Omitted
from saaf.dedupe.tokenizer import fold, tokens
from saaf.dedupe.verify import jaccard

__all__ = [
    "VERSION",
    "Bands",
    "Cluster",
    "Containment",
    "Containments",
    "Duplicates",
    "Linkage",
    "Omitted",
    "Pair",
    "Settings",
    "closest_rejected",
    "find_contained",
    "find_duplicates",
    "fold",
    "jaccard",
    "tokens",
    "verify_containments",
]
