"""The stages of a build: pure functions, partition in, files out, that an engine runs in any order on any machine."""
