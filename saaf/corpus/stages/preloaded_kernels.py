"""The compiled loops of cleaning, loaded once by the server that processes are forked from: for many pages."""

from saaf.cleaning.preload import load_compiled

load_compiled()
