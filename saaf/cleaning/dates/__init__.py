"""Dates in many languages, calendars and digits."""
