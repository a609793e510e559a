"""Settings of all tests: property tests draw the same examples each time, and wait for no clock on a busy machine.

What tests and the commands that they start import is compiled once, and not by each process anew.
"""

import os
import sys

from hypothesis import HealthCheck, settings

sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
settings.register_profile("saaf", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("saaf")
