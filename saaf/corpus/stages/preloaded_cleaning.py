"""What processes that clean pages need, loaded once by the server that they are forked from, and shared by them."""

from saaf.cleaning.preload import load_models
from saaf.corpus.stages.library_pages import let_go_of_library

load_models()
let_go_of_library("libllvmlite")  # 65 MB of the compiler, where it has loaded loops: they are all there now
