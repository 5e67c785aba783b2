"""The platform API's machine-readable description, built from the very models that read and write it."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Literal, get_args

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bot.contract.counter_notices import (
    CounterNoticeStatus,
    ReadCounterNotice,
    RelayedCounterNotice,
    ShownFile,
)
from bot.contract.errors import Refusal
from bot.contract.fields import OWN_ID
from bot.contract.knowledge import ReadKnowledge, ReadPicture
from bot.contract.notices import NoticeStatus, ReadNotice
from bot.contract.requests import Accepted, AskedBatch, AskedRequest, BatchAnswer, ReadRequest, Withdrawal
from bot.contract.sellers import ReadSanction, SanctionReport
from bot.contract.takedowns import ReadTakedown, TakedownReport
from bot.contract.webhooks import EVENTS, envelope

Model = type[BaseModel]
_REF = "#/components/schemas/{model}"
_REFUSALS = {
    400: "malformed",
    401: "no live key",
    404: "missing, or not yours",
    409: "the same id with another body, or a move that the state does not allow",
    413: "too large",
    422: "a field is wrong",
    429: "too many calls in a minute; `Retry-After` says for how many seconds to wait",
    503: "not recorded; try again",
}
_EXTERNAL_ID = {"name": "external_id", "in": "query", "schema": {"type": "string", "maxLength": 128}}
_OWN_ID = {"name": "id", "in": "path", "schema": {"type": "string", "pattern": OWN_ID}}


@dataclass(frozen=True)
class _Call:
    path: str
    method: str
    name: str
    does: str
    answers: dict[int, Model]
    body: Model | None = None
    gives: Sequence[str] = ()  # media types of a file, where the answer is none of the models

    @property
    def parameters(self) -> list[dict[str, Any]]:
        named = [name for name in ("id", "evidence_id", "picture_id") if f"{{{name}}}" in self.path]
        if named:
            return [_OWN_ID | {"name": name, "required": True} for name in named]
        return [_EXTERNAL_ID | {"required": True}] if self.method == "get" else []


_REQUESTS = "/authenticity-requests"
_CALLS = (
    _Call(
        _REQUESTS,
        "post",
        "ask",
        "Ask whether a listing is genuine: 202 the first time, else 200. May be answered from memory.",
        {202: Accepted, 200: Accepted},
        AskedRequest,
    ),
    _Call(
        f"{_REQUESTS}/batch",
        "post",
        "askBatch",
        "Ask about up to 500 listings; each is judged alone.",
        {200: BatchAnswer},
        AskedBatch,
    ),
    _Call(_REQUESTS, "get", "findRequest", "Read a request by your own id.", {200: ReadRequest}),
    _Call(f"{_REQUESTS}/{{id}}", "get", "readRequest", "Read a request.", {200: ReadRequest}),
    _Call(
        f"{_REQUESTS}/{{id}}/withdraw",
        "post",
        "withdrawRequest",
        "Ask no longer; what was answered stays answered.",
        {200: ReadRequest},
        Withdrawal,
    ),
    _Call(
        f"{_REQUESTS}/{{id}}/knowledge",
        "get",
        "readKnowledge",
        "Read how its brand tells a fake of the product line that a request is about; 404 without.",
        {200: ReadKnowledge},
    ),
    _Call(
        f"{_REQUESTS}/{{id}}/knowledge/pictures/{{picture_id}}",
        "get",
        "readKnowledgePicture",
        "Get a picture of how its brand tells a fake.",
        {},
        gives=get_args(ReadPicture.model_fields["media_type"].annotation),
    ),
    _Call("/notices/{id}", "get", "readNotice", "Read a notice.", {200: ReadNotice}),
    _Call(
        "/notices/{id}/status",
        "post",
        "moveNotice",
        "Say what became of a notice.",
        {200: ReadNotice},
        NoticeStatus,
    ),
    _Call("/takedowns/{id}", "get", "readTakedown", "Read a takedown.", {200: ReadTakedown}),
    _Call(
        "/takedowns/{id}/status",
        "post",
        "reportTakedown",
        "Say what became of a takedown.",
        {200: ReadTakedown},
        TakedownReport,
    ),
    _Call(
        "/counter-notices",
        "post",
        "relayCounterNotice",
        "Relay a seller's objection to a takedown: 201 the first time, 200 when repeated.",
        {201: ReadCounterNotice, 200: ReadCounterNotice},
        RelayedCounterNotice,
    ),
    _Call(
        "/counter-notices",
        "get",
        "findCounterNotice",
        "Read a counter-notice by your own id.",
        {200: ReadCounterNotice},
    ),
    _Call(
        "/counter-notices/{id}",
        "get",
        "readCounterNotice",
        "Read a counter-notice.",
        {200: ReadCounterNotice},
    ),
    _Call(
        "/counter-notices/{id}/status",
        "post",
        "decideCounterNotice",
        "Say what you decided, or that the seller took it back.",
        {200: ReadCounterNotice},
        CounterNoticeStatus,
    ),
    _Call(
        "/counter-notices/{id}/evidence/{evidence_id}",
        "get",
        "readEvidence",
        "Get a file of the brand's answer.",
        {},
        gives=get_args(ShownFile.model_fields["media_type"].annotation),
    ),
    _Call("/sanctions/{id}", "get", "readSanction", "Read a sanction against a seller.", {200: ReadSanction}),
    _Call(
        "/sanctions/{id}/status",
        "post",
        "reportSanction",
        "Say whether a proposed sanction was carried out.",
        {200: ReadSanction},
        SanctionReport,
    ),
)


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    paths: dict[str, dict[str, Any]] = {}
    for call in _CALLS:
        paths.setdefault(call.path, {})[call.method] = _operation(call)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Goodfaith platform API",
            "version": version("goodfaith"),
            "description": "How a marketplace and its rights holders decide together.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"key": []}],
        "paths": paths,
        "webhooks": {event: {"post": _webhook(event, model)} for event, model in EVENTS.items()},
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(),
        },
    }


def _schemas() -> dict[str, Any]:
    read: set[Model] = {call.body for call in _CALLS if call.body}
    written: set[Model] = {Refusal, *EVENTS.values()}
    for call in _CALLS:
        written.update(call.answers.values())
    named: list[tuple[Model, Literal["validation", "serialization"]]] = []
    named += [(model, "validation") for model in sorted(read, key=_name)]
    named += [(model, "serialization") for model in sorted(written, key=_name)]
    _, definitions = models_json_schema(named, ref_template=_REF)
    schemas: dict[str, Any] = definitions["$defs"]
    return schemas


def _operation(call: _Call) -> dict[str, Any]:
    refused = {str(status): _answer(Refusal, text) for status, text in _REFUSALS.items()}
    operation: dict[str, Any] = {
        "operationId": call.name,
        "summary": call.does,
        "responses": {str(status): _answer(model, "done") for status, model in call.answers.items()}
        | ({"200": _file(call.gives)} if call.gives else {})
        | refused,
    }
    if call.parameters:
        operation["parameters"] = call.parameters
    if call.body:
        operation["requestBody"] = {"required": True, "content": _json(_ref(call.body))}
    return operation


def _webhook(event: str, model: Model) -> dict[str, Any]:
    return {
        "operationId": event,
        "summary": (model.__doc__ or "").strip().splitlines()[0],
        "requestBody": {"required": True, "content": _json(envelope(event, _ref(model)))},
        "responses": {"2XX": {"description": "received"}},
    }


def _answer(model: Model, text: str) -> dict[str, Any]:
    return {"description": text, "content": _json(_ref(model))}


def _file(media_types: Sequence[str]) -> dict[str, Any]:
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {"description": "the bytes", "content": dict.fromkeys(media_types, binary)}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _ref(model: Model) -> dict[str, Any]:
    return {"$ref": _REF.format(model=model.__name__)}


def _name(model: Model) -> str:
    return model.__name__
