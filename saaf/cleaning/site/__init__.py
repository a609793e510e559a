"""Site profiles: what the other pages of a site tell about a page."""
