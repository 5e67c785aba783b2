"""The platform API's part about counter-notices: relay one, read it, say what became of it."""

from aiohttp import web

from bot.contract.counter_notices import CounterNoticeStatus, ReadCounterNotice, RelayedCounterNotice
from bot.enforcement import counter_intake, counter_notices, evidence
from bot.enforcement.counter_intake import Receipt
from bot.enforcement.counter_notices import WrongDecision
from handlers.platform.door import ApiRefusal, Ask, Conflict, file_said, said


async def handle_relay(ask: Ask) -> web.Response:
    """`POST /counter-notices`."""
    received = await ask.act(counter_intake.relay, await ask.body(RelayedCounterNotice))
    if received.read is not None:
        return said(201 if received.receipt is Receipt.NEW else 200, received.read)
    if received.receipt is Receipt.CONFLICT:
        raise Conflict(received.fault, received.field)
    raise ApiRefusal(422, "invalid", received.fault, received.field)


async def handle_find(ask: Ask) -> web.Response:
    """`GET /counter-notices?external_id=`."""
    return said(200, await ask.read(counter_notices.find, ask.external_id))


async def handle_read(ask: Ask) -> web.Response:
    """`GET /counter-notices/{id}`."""
    read: ReadCounterNotice = await ask.read(counter_notices.read, ask.id)
    return said(200, read)


async def handle_evidence(ask: Ask) -> web.Response:
    """`GET /counter-notices/{id}/evidence/{evidence_id}`: bytes to keep, never to show as a page."""
    found = await ask.read(evidence.for_platform, ask.id, ask.request.match_info["evidence_id"])
    return file_said(found)


async def handle_decide(ask: Ask) -> web.Response:
    """`POST /counter-notices/{id}/status`."""
    told = await ask.body(CounterNoticeStatus)
    try:
        return said(200, await ask.act(counter_notices.decide, ask.id, told))
    except WrongDecision as wrong:
        sentence = "A counter-notice that is {state} cannot become {wanted}."
        raise Conflict(sentence.format_map(wrong.values)) from wrong
