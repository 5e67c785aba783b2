"""The whole product as a fixture, for tests that act as people."""

from tests.bot_under_test import product, product_on_each, seeded
from tests.platform_caller import api

__all__ = ["api", "product", "product_on_each", "seeded"]
