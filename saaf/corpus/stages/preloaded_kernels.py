"""The compiled loops of cleaning and of fingerprints, loaded once by the server that processes are forked from: for many
pages.
"""

from saaf.cleaning import preload as cleaning
from saaf.dedupe import preload as dedupe

cleaning.load_compiled()
dedupe.load_compiled()
