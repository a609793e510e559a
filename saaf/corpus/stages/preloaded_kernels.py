"""Compiled loops of cleaning and fingerprints, loaded once by the server of processes: for many pages."""

from saaf.cleaning import preload as cleaning
from saaf.corpus.stages.not_loaded import kept_out
from saaf.dedupe import preload as dedupe

with kept_out():
    cleaning.load_compiled()
    dedupe.load_compiled()
