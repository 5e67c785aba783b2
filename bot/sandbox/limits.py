"""The limits of messages, views and blocks (docs.slack.dev/reference/block-kit/blocks)."""

import json
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from bot.sandbox.element_rules import Findings, Shape, check_element
from bot.sandbox.forms import elements
from bot.sandbox.records import Json
from bot.sandbox.refusal import Refusal

Surface = Literal["message", "modal", "home"]
BLOCKS_AT_MOST = {"message": 50, "modal": 100, "home": 100}
VIEW_BYTES = 250_000
POSTED_TEXT = 40_000
UPDATED_TEXT = 4_000
EVERYWHERE = frozenset({"message", "modal", "home"})

BLOCKS: dict[str, Shape] = {
    "section": Shape({"text": 3000}, lists={"fields": (1, 10)}, others=("accessory", "expand")),
    "header": Shape({"text": 150}, required=("text",)),
    "divider": Shape(),
    "context": Shape(lists={"elements": (1, 10)}, required=("elements",)),
    "actions": Shape(lists={"elements": (1, 25)}, required=("elements",)),
    "image": Shape(
        {"title": 2000}, {"image_url": 3000, "alt_text": 2000}, others=("slack_file",), required=("alt_text",)
    ),
    "input": Shape(
        {"label": 2000, "hint": 2000},
        others=("element", "dispatch_action", "optional"),
        required=("label", "element"),
    ),
    "rich_text": Shape(lists={"elements": (1, 1000)}, required=("elements",)),
    "markdown": Shape(strings={"text": 12_000}, required=("text",)),
    "table": Shape(lists={"rows": (1, 100), "column_settings": (1, 20)}, required=("rows",)),
    "alert": Shape({"text": 3000}, {"level": 20}, required=("text",)),
}
SURFACES = {
    "markdown": frozenset({"message"}),
    "table": frozenset({"message"}),
    "alert": frozenset({"modal"}),
}


@dataclass(frozen=True)
class Reach:
    """What Slack gets of pictures in blocks: none of these hosts; of its files those that `shows` knows."""

    unreachable: Collection[str] = ()
    shows: Callable[[Json], bool] = bool


EVERYTHING = Reach()


def check_blocks(blocks: Any, surface: Surface, reach: Reach, pointer: str = "/blocks") -> list[str]:
    """What Slack would say about these blocks; empty when it would take them."""
    findings = Findings()
    for number, block in enumerate(findings.items(blocks, pointer, (0, BLOCKS_AT_MOST[surface]))):
        place = f"{pointer}/{number}"
        if block.get("type") not in BLOCKS:
            findings.add(f"{place}/type", f"unsupported type: {block.get('type')}")
        else:
            _check_block(findings, block, place, surface)
            _check_pictures(findings, block, place, reach)
    if not findings.lines:
        _check_ids(findings, blocks, pointer)
    return findings.lines


def _check_block(findings: Findings, block: Json, place: str, surface: Surface) -> None:
    kind: str = block["type"]
    if surface not in SURFACES.get(kind, EVERYWHERE):
        findings.add(f"{place}/type", f"unsupported type: {kind}")
        return
    findings.shape(block, place, BLOCKS[kind])
    if "block_id" in block:
        findings.length(block["block_id"], f"{place}/block_id", 255)
    further: dict[str, Callable[[Findings, Json, str, Surface], None]] = {
        "section": _check_section,
        "context": _check_context,
        "actions": _check_actions,
        "image": _check_image,
        "input": _check_input,
        "table": _check_table,
    }
    if kind in further:
        further[kind](findings, block, place, surface)


def _check_section(findings: Findings, block: Json, place: str, _: Surface) -> None:
    if "text" not in block and "fields" not in block:
        findings.add(place, "must have at least one of text, fields")
    for number, text in enumerate(block.get("fields") or []):
        findings.text(text, f"{place}/fields/{number}", 2000)
    if "accessory" in block:
        check_element(findings, block["accessory"], f"{place}/accessory", "section")


def _check_context(findings: Findings, block: Json, place: str, _: Surface) -> None:
    for number, element in enumerate(block.get("elements") or []):
        if isinstance(element, dict) and element.get("type") == "image":
            check_element(findings, element, f"{place}/elements/{number}", "context")
        else:
            findings.text(element, f"{place}/elements/{number}", 2000)


def _check_actions(findings: Findings, block: Json, place: str, _: Surface) -> None:
    for number, element in enumerate(block.get("elements") or []):
        check_element(findings, element, f"{place}/elements/{number}", "actions")


def _check_image(findings: Findings, block: Json, place: str, _: Surface) -> None:
    if ("image_url" in block) == ("slack_file" in block):
        findings.add(place, "must have exactly one of image_url, slack_file")


def _check_input(findings: Findings, block: Json, place: str, surface: Surface) -> None:
    element = block.get("element")
    check_element(findings, element, f"{place}/element", "input")
    if isinstance(element, dict) and element.get("type") == "file_input" and surface != "modal":
        findings.add(f"{place}/element/type", "unsupported type: file_input")


def _check_table(findings: Findings, block: Json, place: str, _: Surface) -> None:
    for number, row in enumerate(block.get("rows") or []):
        findings.items(row, f"{place}/rows/{number}", (1, 20))


def _check_pictures(findings: Findings, block: Json, place: str, reach: Reach) -> None:
    holders = {place: block, f"{place}/accessory": block.get("accessory") or {}}
    for number, element in enumerate(block.get("elements") or []):
        holders[f"{place}/elements/{number}"] = element
    for pointer, holder in holders.items():
        if not isinstance(holder, dict):
            continue
        url, file = holder.get("image_url"), holder.get("slack_file")
        if isinstance(url, str) and urlsplit(url).hostname in reach.unreachable:
            findings.add(f"{pointer}/image_url", "downloading image failed")
        if file is not None and not (isinstance(file, dict) and reach.shows(file)):
            findings.add(f"{pointer}/slack_file", "invalid slack file")


def _check_ids(findings: Findings, blocks: list[Json], pointer: str) -> None:
    for block_id, times in Counter(block["block_id"] for block in blocks if "block_id" in block).items():
        if times > 1:
            findings.add(pointer, f'block_id "{block_id}" already exists')
    for number, block in enumerate(blocks):
        ids = Counter(found["action_id"] for _, found in elements([block]) if "action_id" in found)
        for action_id, times in ids.items():
            if times > 1:
                findings.add(f"{pointer}/{number}", f'action_id "{action_id}" already exists')


def check_message(text: str, blocks: Any, attachments: Any, reach: Reach = EVERYTHING) -> None:
    """Refuse a message that Slack would refuse.

    :raises Refusal: no_text, invalid_blocks or too_many_attachments
    """
    if not text and not blocks and not attachments:
        raise Refusal("no_text")
    if isinstance(attachments, list) and len(attachments) > 100:
        raise Refusal("too_many_attachments")
    if blocks and (lines := check_blocks(blocks, "message", reach)):
        raise Refusal("invalid_blocks", lines)


def check_view(view: Any, reach: Reach = EVERYTHING) -> None:
    """Refuse a view that Slack would refuse.

    :raises Refusal: view_too_large or invalid_arguments, with one line per fault
    """
    if not isinstance(view, dict) or view.get("type") not in ("modal", "home"):
        raise Refusal("invalid_arguments", ["unsupported type [json-pointer:/view/type]"])
    if len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_BYTES:
        raise Refusal("view_too_large")
    findings = Findings()
    surface: Surface = view["type"]
    modal = surface == "modal"
    findings.shape(view, "/view", _VIEW[surface])
    if "title" not in view and modal:
        findings.add("/view", "missing required field: title")
    findings.lines += check_blocks(view.get("blocks"), surface, reach, "/view/blocks")
    if (
        not findings.lines
        and modal
        and "submit" not in view
        and any(b["type"] == "input" for b in view["blocks"])
    ):
        findings.add("/view", "missing required field: submit")
    if len(str(view.get("private_metadata") or "")) > 3000:
        findings.add("/view/private_metadata", "must be less than 3001 characters")
    if findings.lines:
        raise Refusal("invalid_arguments", findings.lines)


_COMMON = {"callback_id": 255, "external_id": 255}
_VIEW: dict[str, Shape] = {
    "modal": Shape(
        {"title": 24, "submit": 24, "close": 24},
        _COMMON,
        others=("blocks", "notify_on_close", "clear_on_close", "submit_disabled", "private_metadata"),
    ),
    "home": Shape(strings=_COMMON, others=("blocks", "private_metadata")),
}
