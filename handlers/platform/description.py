"""Serves the machine-readable description of the platform API."""

from functools import cache

import orjson
from aiohttp import web

from bot.contract.openapi import document


@cache
def _text() -> bytes:
    return orjson.dumps(document())


async def handle_description(_: web.Request) -> web.Response:
    """`GET /openapi.json`; needs no key."""
    return web.Response(body=_text(), content_type="application/json")
