"""The whole product as a fixture, for tests that act as people."""

from tests.bot_under_test import product, product_on_each, seeded

__all__ = ["product", "product_on_each", "seeded"]
