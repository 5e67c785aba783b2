"""The platform API's part about authenticity requests and takedowns."""

from aiohttp import web
from pydantic_core import to_json

from bot.contract.errors import Fault
from bot.contract.requests import (
    Accepted,
    AskedRequest,
    BatchAnswer,
    BatchResult,
    RawBatch,
    RequestStates,
    Withdrawal,
)
from bot.contract.takedowns import TakedownReport
from bot.enforcement import platform_view, requests, takedown_progress
from bot.enforcement.refusals import Refused
from bot.enforcement.requests import Receipt, Received
from bot.enforcement.takedown_progress import WrongReport
from handlers.platform.door import ApiRefusal, Ask, Conflict, read_body, said

CHUNK = 50  # a transaction of a batch: long enough to be cheap, short enough that clicks do not wait for it
_NAME_LENGTH = 128


async def handle_ask(ask: Ask) -> web.Response:
    """`POST /authenticity-requests`."""
    asked = await ask.body(AskedRequest)
    (received,) = await _receive(ask, [asked])
    match received.receipt:
        case Receipt.NEW:
            return said(202, _accepted(received))
        case Receipt.REPEATED:
            return said(200, _accepted(received))
        case Receipt.CONFLICT:
            raise Conflict(received.fault, received.field)
        case Receipt.INVALID:
            raise ApiRefusal(422, "invalid", received.fault, received.field)


async def handle_ask_batch(ask: Ask) -> web.Response:
    """`POST /authenticity-requests/batch`: each request is judged alone, in the order given."""
    batch = await ask.body(RawBatch)
    results: list[BatchResult] = []
    for start in range(0, len(batch.requests), CHUNK):
        results += await _ask_chunk(ask, batch.requests[start : start + CHUNK])
    return said(200, BatchAnswer(results=results))


async def handle_read_request(ask: Ask) -> web.Response:
    """`GET /authenticity-requests/{id}`."""
    return said(200, await ask.read(platform_view.request_of, ask.id))


async def handle_find_request(ask: Ask) -> web.Response:
    """`GET /authenticity-requests?external_id=`."""
    return said(200, await ask.read(platform_view.request_by_external_id, ask.external_id))


async def handle_withdraw(ask: Ask) -> web.Response:
    """`POST /authenticity-requests/{id}/withdraw`."""
    told = await ask.body(Withdrawal)
    try:
        return said(200, await ask.act(requests.withdraw_request, ask.id, told.reason))
    except Refused as refused:
        raise Conflict("The request was answered already.") from refused


async def handle_read_takedown(ask: Ask) -> web.Response:
    """`GET /takedowns/{id}`."""
    return said(200, await ask.read(platform_view.takedown_of, ask.id))


async def handle_report_takedown(ask: Ask) -> web.Response:
    """`POST /takedowns/{id}/status`."""
    report = await ask.body(TakedownReport)
    try:
        return said(200, await ask.act(takedown_progress.report_takedown, ask.id, report))
    except WrongReport as wrong:
        sentence = "A takedown that is {state} cannot be reported as {reported}."
        raise Conflict(sentence.format_map(wrong.values)) from wrong


async def _receive(ask: Ask, asked: list[AskedRequest]) -> list[Received]:
    keep = ask.desk.remember_genuine
    return await ask.act(
        requests.receive_requests,
        asked,
        ask.desk.own_marketplaces,
        keep=keep,
        answer_time=ask.desk.answer_time,
    )


async def _ask_chunk(ask: Ask, raw: list[object]) -> list[BatchResult]:
    judged: list[AskedRequest | BatchResult] = [_judged(each) for each in raw]
    sound = [each for each in judged if isinstance(each, AskedRequest)]
    received = iter(await _receive(ask, sound))
    return [each if isinstance(each, BatchResult) else _result(next(received)) for each in judged]


def _judged(raw: object) -> AskedRequest | BatchResult:
    try:
        return read_body(AskedRequest, to_json(raw))
    except ApiRefusal as refusal:
        given = raw.get("external_id") if isinstance(raw, dict) else None
        external_id = given if isinstance(given, str) and len(given) <= _NAME_LENGTH else None
        return BatchResult(external_id=external_id, status=422, error=refusal.fault)


def _result(received: Received) -> BatchResult:
    match received.receipt:
        case Receipt.NEW:
            return BatchResult(external_id=received.external_id, status=202, id=received.id)
        case Receipt.REPEATED:
            return BatchResult(external_id=received.external_id, status=200, id=received.id)
        case Receipt.CONFLICT:
            fault = Fault(code="conflict", message=received.fault, field=received.field)
            return BatchResult(external_id=received.external_id, status=409, error=fault)
        case Receipt.INVALID:
            fault = Fault(code="invalid", message=received.fault, field=received.field)
            return BatchResult(external_id=received.external_id, status=422, error=fault)


def _accepted(received: Received) -> Accepted:
    state: RequestStates = received.state.value if received.state else "unrouted"
    return Accepted(id=received.id, external_id=received.external_id, state=state)
