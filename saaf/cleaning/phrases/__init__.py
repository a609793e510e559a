"""Language packs, and where their phrases stand in a text."""
