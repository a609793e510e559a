"""The decision which blocks are boilerplate, and why."""
