"""A browser for pages that scripts make, behind a proxy with the address policy."""
