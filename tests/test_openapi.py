"""The published description of the platform API is the one that its models make."""

import json
from pathlib import Path

from bot.contract.openapi import document

PUBLISHED = Path(__file__).parents[1] / "docs/api/openapi.json"


def test_the_published_description_is_the_present_one() -> None:
    """If not: `goodfaith openapi > docs/api/openapi.json`."""
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == json.loads(json.dumps(document()))
