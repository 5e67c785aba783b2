"""A finding from end to end: shared at the page, let into another group, found useful, taken back."""

import json

from tests.bot_under_test import Product
from tests.workspace import Json

EVERYDAY, ELECTRONICS = "C0GROUP01", "C0GROUP02"


async def test_a_member_shares_a_chair_agrees_people_react_and_it_is_taken_back(product: Product) -> None:
    ws = product.ws
    mikkel, hannah, claire = (ws.member(name) for name in ("Mikkel", "Hannah", "Claire"))
    sofia, priya = ws.member("Sofia"), ws.member("Priya")

    # Sofia is in everyday goods and not in electronics, whose chair is Priya.
    await ws.command(sofia, "/goodfaith share", EVERYDAY)
    (view,) = await ws.views(sofia)
    ways = {choice["text"]["text"]: choice["value"] for choice in _options(view, "finding_groups")}
    everyday = next(value for text, value in ways.items() if text == "Everyday goods")
    electronics = next(value for text, value in ways.items() if text.startswith("Electronics"))
    form: Json = {
        "finding_kind": "alert",
        "finding_title": "<!here> Jars with *our* lid",
        "finding_signs": "The lid is ours.\nThe honey is not.",
        "finding_groups": [everyday, electronics],
        "finding_anonymous": ["anonymous"],
        "finding_link": "https://example.com/lid",
    }
    missing = await ws.submit(sofia, view["id"], form | {"finding_title": ""})
    assert "finding_title" in missing["errors"]
    assert await ws.submit(sofia, view["id"], form) == {"ok": True}

    async def posted(user: str, channel: str) -> Json | None:
        said = [m for m in await ws.messages(user, channel) if "lid" in json.dumps(m.get("blocks"))]
        return said[-1] if said else None

    message = await ws.wait_for(lambda: posted(mikkel, EVERYDAY))
    assert message is not None
    bare = json.dumps(message)
    assert "Shared by a member" in bare
    assert not any(secret in bare for secret in ("Orchard", "Sofia", sofia, "<!here>"))

    async def asked() -> Json | None:
        return next((m for m in await ws.direct_messages(priya) if "finding_approve" in json.dumps(m)), None)

    card = await ws.wait_for(asked)
    assert card is not None
    assert "Orchard" not in json.dumps(card)
    await ws.click(priya, card["channel"], card["ts"], "finding_approve")
    assert await ws.wait_for(lambda: posted(claire, ELECTRONICS))

    for user, emoji in ((mikkel, "+1"), (hannah, "eyes"), (hannah, "+1"), (sofia, "heart")):
        assert await ws.react(user, EVERYDAY, message["ts"], emoji) == {"ok": True}

    async def useful() -> bool:
        await ws.click(mikkel, EVERYDAY, message["ts"], "finding_open")
        found = "useful to 3 people" in json.dumps(await ws.views(mikkel))
        for each in await ws.views(mikkel):
            await ws.close_view(mikkel, each["id"], clear=True)
        return found

    assert await ws.wait_for(useful)

    # Mikkel has no button to take it back; Sofia has.
    await ws.click(mikkel, EVERYDAY, message["ts"], "finding_open")
    assert "finding_withdraw" not in json.dumps(await ws.views(mikkel))
    await ws.click(sofia, EVERYDAY, message["ts"], "finding_open")
    page = (await ws.views(sofia))[-1]
    await ws.click_view(sofia, page["id"], "finding_withdraw", value=_value(page, "finding_withdraw"))

    async def gone() -> bool:
        said = [m for m in await ws.messages(mikkel, EVERYDAY) if m["ts"] == message["ts"]]
        return "It was withdrawn" in json.dumps(said)

    assert await ws.wait_for(gone)


async def test_a_message_becomes_a_finding_by_its_shortcut(product: Product) -> None:
    ws = product.ws
    mikkel = ws.member("Mikkel")
    await ws.say(mikkel, EVERYDAY, "Beware of shops\nwith one product")
    said = (await ws.messages(mikkel, EVERYDAY))[-1]
    await ws.shortcut(mikkel, "share_finding", (EVERYDAY, said["ts"]))
    (view,) = await ws.views(mikkel)
    assert "Beware of shops\\nwith one product" in json.dumps(view)


def _options(view: Json, block_id: str) -> list[Json]:
    found: list[Json] = next(b for b in view["blocks"] if b["block_id"] == block_id)["element"]["options"]
    return found


def _value(view: Json, action_id: str) -> str:
    elements = [each for block in view["blocks"] for each in block.get("elements", [])]
    return str(next(each["value"] for each in elements if each.get("action_id") == action_id))
