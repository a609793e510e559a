"""Site profiles: repeated lines, boilerplate paths and templates, learned from the other pages of a site."""
