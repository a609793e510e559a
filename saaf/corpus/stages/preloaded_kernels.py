"""Compiled loops of cleaning and fingerprints, loaded once by the server of processes: for many pages."""

from saaf.cleaning import preload as cleaning
from saaf.dedupe import preload as dedupe

cleaning.load_compiled()
dedupe.load_compiled()
