"""Settings of all tests: property tests draw the same examples each time, and wait for no clock on a busy machine."""

from hypothesis import HealthCheck, settings

settings.register_profile("saaf", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("saaf")
