"""The frontier: one SQLite database with a row for each URL, the scheduler on it, the ledger, and the status of a
crawl.
"""
