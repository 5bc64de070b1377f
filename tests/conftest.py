"""What holds for all tests."""

from hypothesis import HealthCheck, settings

# No test fails because a machine is busy. The rest stays as it is: on CI the examples are fixed.
settings.register_profile(
    "unhurried",
    parent=settings.default,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("unhurried")
