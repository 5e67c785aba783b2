"""The platform API's part about sellers: read a sanction, report what was done about it."""

from aiohttp import web

from bot.contract.sellers import SanctionReport
from bot.enforcement import sanctions
from bot.enforcement.sanctions import WrongSanctionReport
from handlers.platform.door import Ask, Conflict, said


async def handle_read_sanction(ask: Ask) -> web.Response:
    """`GET /sanctions/{id}`."""
    return said(200, await ask.read(sanctions.sanction_of, ask.id))


async def handle_report_sanction(ask: Ask) -> web.Response:
    """`POST /sanctions/{id}/status`."""
    report = await ask.body(SanctionReport)
    try:
        return said(200, await ask.act(sanctions.report_sanction, ask.id, report))
    except WrongSanctionReport as wrong:
        sentence = "A sanction that is {state} cannot be reported as {reported}."
        raise Conflict(sentence.format_map(wrong.values)) from wrong
