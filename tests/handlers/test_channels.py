"""Channels by hand: binding is refused with strangers named, a stranger pauses, a lost bot is told of."""

from sqlmodel import Session, col, select

from storage.queries import channels, people
from storage.records.channels import ChannelState
from storage.records.roster import Brand, RightsHolder
from tests.bot_under_test import Product
from tests.office import changed, go, press, texts, values

pytest_plugins = ["tests.bot_under_test"]


def ids(product: Product, brand: str) -> tuple[str, str]:
    """The ids of a brand and of its rights holder."""

    def read(session: Session) -> tuple[str, str]:
        found = session.exec(select(Brand).where(col(Brand.name) == brand)).one()
        return found.id, session.get_one(RightsHolder, found.holder_id).id

    return product.store.read_sync(read)


async def until(product: Product, channel: str, state: ChannelState) -> None:
    """Wait until a bound channel is in this state."""

    def read(session: Session) -> ChannelState | None:
        binding = channels.bound(session, channel)
        return binding.state if binding else None

    async def look() -> bool:
        return await product.store.read(read) is state

    assert await product.ws.wait_for(look)


async def note_to(product: Product, user: str, sentence: str) -> dict[str, object]:
    """The direct message that says this."""

    async def look() -> dict[str, object] | None:
        return next((m for m in await product.ws.direct_messages(user) if sentence in texts(m)), None)

    found = await product.ws.wait_for(look)
    assert found is not None
    return found


async def test_binding_names_the_strangers_and_works_once_they_are_gone(product: Product) -> None:
    ws, lead, stranger = product.ws, product.ws.member("Ingrid"), product.ws.member("Wei")
    rival = ws.member("Claire")
    brand, holder = ids(product, "Nordlys")
    channel = ws.channel("brand-halden")
    view = await go(
        ws,
        lead,
        ws.channel("brand-nordlys"),
        f"roster:{holder}",
        f"brand:{brand}",
        f"channel_form:brand-{brand}",
    )
    answer = await ws.submit(lead, view["id"], {"channel": channel})
    assert answer.get("ok"), answer
    view = await changed(ws, lead, view)
    assert f"<@{rival}>" in texts(view)
    assert f"<@{stranger}>" not in texts(view)

    for name in ("Claire", "Tom"):
        await ws.leave(ws.member(name), channel)
    answer = await ws.submit(lead, view["id"], {"channel": channel})
    assert answer == {"errors": {"channel": "That channel shows something else already. Choose another."}}


async def test_a_public_channel_and_one_without_the_bot_are_refused(product: Product) -> None:
    ws, lead = product.ws, product.ws.member("Ingrid")
    brand, holder = ids(product, "Nordlys")
    view = await go(
        ws,
        lead,
        ws.channel("brand-nordlys"),
        f"roster:{holder}",
        f"brand:{brand}",
        f"channel_form:brand-{brand}",
    )
    answer = await ws.submit(lead, view["id"], {"channel": ws.channel("alliance-lobby")})
    assert "public" in answer["errors"]["channel"]
    await ws.leave(ws.sandbox.memory.bot_user_id, ws.channel("brand-tansy"))
    answer = await ws.submit(lead, view["id"], {"channel": ws.channel("brand-tansy")})
    assert "The bot is not in that channel" in answer["errors"]["channel"]


async def test_a_stranger_pauses_a_channel_until_the_lead_lets_them_in(product: Product) -> None:
    ws, lead, stranger = product.ws, product.ws.member("Ingrid"), product.ws.member("Gail")
    channel = ws.channel("brand-nordlys")
    await ws.join(stranger, channel)
    await until(product, channel, ChannelState.PAUSED)
    note = await note_to(product, lead, "is on no roster for it")
    asked = await ws.market("listings", q="Nordlys")
    await ws.ask([asked["listings"][0]["id"]], brand="Nordlys")
    assert await ws.messages(lead, channel) == []

    place = next(entry["id"] for entry in (await ws.state(lead))["channels"] if entry["kind"] == "im")
    (value,) = set(values(note))  # of both buttons
    await ws.click(lead, place, str(note["ts"]), "office_let_in", value=value)
    await until(product, channel, ChannelState.BOUND)
    await note_to(product, lead, "may see what is shown")


async def test_a_channel_goes_on_when_the_stranger_leaves_or_joins_the_roster(product: Product) -> None:
    ws, lead = product.ws, product.ws.member("Ingrid")
    channel = ws.channel("brand-nordlys")
    await ws.join(ws.member("Kwame"), channel)
    await until(product, channel, ChannelState.PAUSED)
    await note_to(product, lead, "is on no roster for it")
    await ws.leave(ws.member("Kwame"), channel)
    await until(product, channel, ChannelState.BOUND)
    await note_to(product, lead, "has left")

    await ws.join(ws.member("Kwame"), channel)
    await until(product, channel, ChannelState.PAUSED)
    _, holder = ids(product, "Nordlys")
    view = await go(ws, lead, ws.channel("brand-nordlys"), f"roster:{holder}", f"person_form:{holder}")
    answer = await ws.submit(lead, view["id"], {"person": ws.member("Kwame"), "role": "expert"})
    assert answer.get("ok"), answer
    await until(product, channel, ChannelState.BOUND)


async def test_a_leaver_who_stays_in_the_channel_pauses_it_until_the_lead_has_them_removed(
    product: Product,
) -> None:
    ws, lead, leaver = product.ws, product.ws.member("Ingrid"), product.ws.member("Mikkel")
    channel = ws.channel("brand-nordlys")
    _, holder = ids(product, "Nordlys")
    person = product.store.read_sync(people.by_user, leaver)
    assert person is not None
    address = f"colleague:{holder}-{person.id}"
    view = await go(ws, lead, channel, f"roster:{holder}", address)
    await press(ws, lead, view, f"{holder}:{person.id}")
    await until(product, channel, ChannelState.PAUSED)
    assert leaver in ws.sandbox.memory.channels[channel].members  # whom the bot did not bring it leaves there

    note = await note_to(product, lead, "is on no roster for it")
    place = next(entry["id"] for entry in (await ws.state(lead))["channels"] if entry["kind"] == "im")
    (stay,) = set(values(note))
    await ws.click(lead, place, str(note["ts"]), "group_take_out", value=stay)
    await until(product, channel, ChannelState.BOUND)
    assert leaver not in ws.sandbox.memory.channels[channel].members


async def test_a_bot_that_was_removed_says_so_and_comes_back_by_binding_again(product: Product) -> None:
    ws, lead = product.ws, product.ws.member("Ingrid")
    channel, bot = ws.channel("brand-nordlys"), product.ws.sandbox.memory.bot_user_id
    await ws.leave(bot, channel)
    await until(product, channel, ChannelState.BROKEN)
    await note_to(product, lead, "cannot post in")
    in_team = await ws.messages(ws.member("Wei"), ws.channel("openbazaar-team"))
    assert any("cannot post in" in texts(message) for message in in_team)

    await ws.join(bot, channel)
    brand, holder = ids(product, "Nordlys")
    view = await go(ws, lead, channel, f"roster:{holder}", f"brand:{brand}", f"channel_form:brand-{brand}")
    answer = await ws.submit(lead, view["id"], {"channel": channel})
    assert answer.get("ok"), answer
    await until(product, channel, ChannelState.BOUND)


async def test_an_archived_channel_is_told_of(product: Product) -> None:
    ws = product.ws
    channel = ws.channel("brand-nordlys")
    await ws.archive(ws.member("Ingrid"), channel)
    await until(product, channel, ChannelState.BROKEN)
    await note_to(product, ws.member("Ingrid"), "cannot post in")
