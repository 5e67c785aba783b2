"""Hands for the register's modal in end-to-end tests: open it, go to a page, press what is beside a line."""

from typing import Any

from tests.workspace import Workspace

Json = dict[str, Any]


async def open_office(ws: Workspace, user: str, channel: str) -> Json:
    """Type `/goodfaith` and give the modal that opens."""
    answer = await ws.command(user, "/goodfaith", channel)
    assert answer.get("ok"), answer
    return await top(ws, user)


async def top(ws: Workspace, user: str) -> Json:
    """The open modal."""

    async def look() -> Json | None:
        stack = await ws.views(user)
        return stack[-1] if stack else None

    view = await ws.wait_for(look)
    assert view is not None
    return view


async def press(ws: Workspace, user: str, view: Json, value: str) -> Json:
    """Press the button with this value, and give the view as it is afterwards."""
    for block in view["blocks"]:
        for element in [*block.get("elements", []), block.get("accessory", {})]:
            if element.get("type") == "button" and element.get("value") == value:
                answer = await ws.click_view(
                    user, view["id"], element["action_id"], block_id=block["block_id"], value=value
                )
                assert answer.get("ok"), answer
                return await changed(ws, user, view)
    raise AssertionError(f"no button {value} in {texts(view)}")


async def changed(ws: Workspace, user: str, before: Json) -> Json:
    """The modal once it shows something else."""

    async def look() -> Json | None:
        stack = await ws.views(user)
        return stack[-1] if stack and stack[-1]["hash"] != before["hash"] else None

    view = await ws.wait_for(look)
    assert view is not None
    return view


async def go(ws: Workspace, user: str, channel: str, *addresses: str) -> Json:
    """Open the register and follow these buttons."""
    view = await open_office(ws, user, channel)
    for address in addresses:
        view = await press(ws, user, view, address)
    return view


async def home_at(ws: Workspace, user: str, page: str, sentence: str) -> Json:
    """Open App Home, go to a page of it, and give it once it says this."""
    await ws.open_home(user)

    async def look() -> Json | None:
        home = await ws.home(user)
        return home if home and f"home_tab_{page}" in str(home) else None

    home = await ws.wait_for(look)
    assert home is not None
    answer = await ws.click_view(user, home["id"], f"home_tab_{page}", type="button", value=page)
    assert answer.get("ok"), answer

    async def turned() -> Json | None:
        home = await ws.home(user)
        return home if home and sentence in texts(home) else None

    found = await ws.wait_for(turned)
    assert found is not None
    return found


def texts(view: Json | None) -> str:
    """Everything that a view or a message says, in one text."""
    found: list[str] = []

    def collect(part: Any) -> None:
        if isinstance(part, dict):
            if isinstance(part.get("text"), str):
                found.append(part["text"])
            for inner in part.values():
                collect(inner)
        elif isinstance(part, list):
            for inner in part:
                collect(inner)

    collect((view or {}).get("blocks"))
    return "\n".join(found)


def values(view: Json) -> list[str]:
    """The values of all buttons of a view."""
    return [
        element["value"]
        for block in view["blocks"]
        for element in [*block.get("elements", []), block.get("accessory", {})]
        if element.get("type") == "button" and "value" in element
    ]
