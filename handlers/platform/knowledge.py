"""The platform API's part about product knowledge."""

from aiohttp import web

from bot.enforcement import knowledge
from handlers.platform.door import Ask, said


async def handle_read_knowledge(ask: Ask) -> web.Response:
    """`GET /authenticity-requests/{id}/knowledge`."""
    return said(200, await ask.read(knowledge.of_request, ask.id))
