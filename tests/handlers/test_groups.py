"""Working groups by hand: asking, answering, coming and going in Slack, what a workspace does not allow."""

from typing import Any

from sqlmodel import Session, col, select

from storage.queries import channels, people
from storage.records.channels import ChannelState
from storage.records.groups import WorkingGroup
from storage.records.roster import RightsHolder
from tests.bot_under_test import Product
from tests.handlers.test_knowledge import ask as ask_about
from tests.handlers.test_knowledge import card
from tests.office import changed, go, open_office, press, texts, values

pytest_plugins = ["tests.bot_under_test"]

Json = dict[str, Any]


def id_of(product: Product, table: type[WorkingGroup] | type[RightsHolder], name: str) -> str:
    def read(session: Session) -> str:
        return session.exec(select(table.id).where(col(table.name) == name)).one()

    return product.store.read_sync(read)


async def message_to(product: Product, user: str, *sentences: str) -> Json:
    """The direct message that says all of this."""

    async def look() -> Json | None:
        found = await product.ws.direct_messages(user)
        return next((m for m in found if all(each in texts(m) for each in sentences)), None)

    shown = await product.ws.wait_for(look)
    assert shown is not None
    return shown


async def direct(product: Product, user: str) -> str:
    """The conversation of somebody with the bot."""
    found = (await product.ws.state(user))["channels"]
    return str(next(entry["id"] for entry in found if entry["kind"] == "im"))


async def ask(product: Product, user: str, group: str, wish: str) -> Json:
    """Open the group's page and ask."""
    ws = product.ws
    view = await open_office(ws, user, ws.channel("brand-marlowe-finch"))
    for address in ("groups", f"group:{group}", f"apply_form:{group}-{wish}"):
        view = await press(ws, user, view, address)
    answer = await ws.submit(user, view["id"], {"words": "We sell <chargers> too."})
    assert answer.get("ok"), answer
    return await changed(ws, user, view)


async def members_are(product: Product, channel: str, *, inside: set[str], outside: set[str]) -> None:
    """Wait until Slack has these in a channel, and those not."""

    async def look() -> bool:
        found = set(product.ws.sandbox.memory.channels[channel].members)
        return inside <= found and not outside & found

    assert await product.ws.wait_for(look)


async def test_a_company_asks_to_join_is_answered_comes_into_the_channel_and_leaves_it_again(
    product: Product,
) -> None:
    ws, lead, chair = product.ws, product.ws.member("Hannah"), product.ws.member("Priya")
    company, channel = {lead, ws.member("Jonas")}, ws.channel("group-electronics-watches")
    group = id_of(product, WorkingGroup, "Electronics and watches")

    view = await ask(product, lead, group, "join")
    assert f"apply_form:{group}-join" not in values(view)
    card = await message_to(product, chair, "asks to join", "We sell &lt;chargers&gt; too.")
    place = await direct(product, chair)
    (application,) = [value for value in values(card) if not value.startswith("application:")]
    await ws.click(chair, place, str(card["ts"]), "office_go", value=f"application:{application}")
    (form,) = await ws.views(chair)
    answer = await ws.submit(chair, form["id"], {"reason": "Phones only, so far."})
    assert answer.get("ok"), answer
    await message_to(product, lead, "Declined by", "Phones only, so far.")
    assert not company & set(ws.sandbox.memory.channels[channel].members)

    await ask(product, lead, group, "join")

    async def second() -> Json | None:
        found = [m for m in await ws.direct_messages(chair) if "asks to join" in texts(m) and values(m)]
        return found[0] if found else None

    again = await ws.wait_for(second)
    assert again is not None
    (waiting,) = [value for value in values(again) if not value.startswith("application:")]
    await ws.click(chair, place, str(again["ts"]), "group_approve", value=waiting)
    await message_to(product, lead, "Approved by")
    await members_are(product, channel, inside=company, outside=set())

    await ask(product, lead, group, "leave")
    card = await message_to(product, chair, "asks to leave")
    (leaving,) = [value for value in values(card) if not value.startswith("application:")]
    await ws.click(chair, place, str(card["ts"]), "group_approve", value=leaving)
    await members_are(product, channel, inside={chair}, outside=company)

    async def works() -> bool:
        binding = await product.store.read(channels.bound, channel)
        return binding is not None and binding.state is ChannelState.BOUND

    assert await ws.wait_for(works)


async def test_a_workspace_that_allows_nothing_says_so_in_words_and_a_user_group_follows_where_it_may(
    product: Product,
) -> None:
    ws, chair, admin = product.ws, product.ws.member("Priya"), product.ws.member("Ruth")
    channel = ws.channel("alliance-lobby")
    group = id_of(product, WorkingGroup, "Electronics and watches")
    marlowe = id_of(product, RightsHolder, "Marlowe & Finch")
    await ws.fault("conversations.invite", "ok_false", times=1, error="restricted_action")
    view = await go(ws, admin, channel, "groups", f"group:{group}", f"member_form:{group}")
    offered = await ws.options(admin, view["id"], "office_pick_holder", "marlowe")
    answer = await ws.submit(admin, view["id"], {"member": offered["options"][0]})
    assert answer.get("ok"), answer
    await message_to(product, chair, "cannot keep its members in step", "a setting of the workspace")

    await ws.fault("usergroups.list", "ok_false", times=1, error="plan_upgrade_required")
    view = await go(ws, chair, channel, "groups", f"group:{group}")
    assert "a setting of the workspace" in texts(view)
    view = await press(ws, chair, view, f"{group}:on")

    async def told() -> bool:
        return "plan has no user groups" in texts(await go(ws, chair, channel, "groups", f"group:{group}"))

    assert await ws.wait_for(told)
    view = await go(ws, chair, channel, "groups", f"group:{group}")
    view = await press(ws, chair, view, f"{group}:off")
    await press(ws, chair, view, f"{group}:on")

    async def made() -> set[str]:
        found = [each for each in ws.sandbox.memory.user_groups.values() if each.users]
        return set(found[0].users) if found else set()

    mentioned = await ws.wait_for(made)
    assert mentioned
    assert {chair, ws.member("Hannah"), ws.member("Jonas")} <= mentioned
    (mirror,) = ws.sandbox.memory.user_groups.values()
    assert mirror.handle == "gf-electronics-and-wa"

    view = await go(ws, admin, channel, "groups", f"group:{group}")
    await press(ws, admin, view, f"{group}:{marlowe}")

    async def followed() -> bool:
        return ws.member("Hannah") not in mirror.users

    assert await ws.wait_for(followed)

    view = await go(ws, admin, channel, "groups", f"group:{group}", f"group_form:{group}")
    answer = await ws.submit(
        admin, view["id"], {"name": "Watches", "kind": "industry", "industry": "electronics"}
    )
    assert answer.get("ok"), answer

    async def renamed() -> bool:
        return (mirror.name, mirror.handle) == ("Watches", "gf-watches")

    assert await ws.wait_for(renamed)


async def test_the_directory_counts_the_alliance_and_sends_its_growth_as_a_picture(product: Product) -> None:
    ws, expert = product.ws, product.ws.member("Mikkel")
    answer = await ws.command(expert, "/goodfaith directory", ws.channel("brand-nordlys"))
    assert answer.get("ok"), answer
    (view,) = await ws.views(expert)
    assert "Clothing and footwear · 5" in texts(view)
    assert "Norway · 1" in texts(view)
    assert "Association · 1" in texts(view)
    assert "<@" not in texts(view)
    await ws.click_view(expert, view["id"], "group_chart")

    async def sent() -> Json | None:
        return next((m for m in await ws.direct_messages(expert) if m["files"]), None)

    message = await ws.wait_for(sent)
    assert message is not None
    assert "9 rights holders" in message["text"]


async def test_a_request_about_a_line_is_shown_first_to_those_who_know_it_while_they_are_on_the_roster(
    product: Product,
) -> None:
    ws, lead, expert = product.ws, product.ws.member("Ingrid"), product.ws.member("Mikkel")
    await ask_about(product, 1, "Running Shoes")
    shown = texts(await card(product, 1, "who know this line"))
    assert f"For <@{expert}>, who know this line" in shown

    holder, channel = id_of(product, RightsHolder, "Nordlys AS"), ws.channel("brand-nordlys")
    view = await go(ws, lead, channel, f"roster:{holder}")
    assert "running shoes" in texts(view)
    (address,) = [value for value in values(view) if _is_about(product, expert, value)]
    view = await press(ws, lead, view, address)
    answer = await ws.submit(lead, view["id"], {"roles": ["expert"], "lines": []})
    assert answer.get("ok"), answer
    await ask_about(product, 2, "running shoes")
    assert "who know this line" not in texts(await card(product, 2, "running shoes"))


def _is_about(product: Product, user: str, address: str) -> bool:
    person = product.store.read_sync(people.by_user, user)
    return person is not None and address.startswith("colleague:") and address.endswith(person.id)
