"""The platform API's part about product knowledge."""

from aiohttp import web

from bot.enforcement import knowledge, knowledge_pictures
from handlers.platform.door import Ask, file_said, said


async def handle_read_knowledge(ask: Ask) -> web.Response:
    """`GET /authenticity-requests/{id}/knowledge`."""
    return said(200, await ask.read(knowledge.of_request, ask.id))


async def handle_picture(ask: Ask) -> web.Response:
    """`GET /authenticity-requests/{id}/knowledge/pictures/{picture_id}`: bytes to keep."""
    picture_id = ask.request.match_info["picture_id"]
    return file_said(await ask.read(knowledge_pictures.for_platform, ask.id, picture_id))
