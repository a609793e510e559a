"""What processes that clean pages need, loaded once by the server that they are forked from, and shared by them."""

from saaf.cleaning.preload import load_models

load_models()
