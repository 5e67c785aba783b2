"""A marketplace's calendar by hand: shown with its connection, changed by two administrators."""

from sqlmodel import Session, select

from bot.enforcement.calendars import of_client
from storage.records.platform import PlatformClient
from tests.bot_under_test import Product
from tests.office import changed, go, press, texts, values


def _client(product: Product) -> PlatformClient:
    def read(session: Session) -> PlatformClient:
        return session.exec(select(PlatformClient)).one()

    return product.store.read_sync(read)


async def test_two_administrators_change_whose_business_days_count(product: Product) -> None:
    ws, admin, second = product.ws, product.ws.member("Noor"), product.ws.member("Ruth")
    client = _client(product).id
    view = await go(ws, admin, ws.channel("openbazaar-team"), "platform", f"client:{client}")
    assert "*Business days:* China · Asia/Shanghai · all day" in texts(view)
    view = await press(ws, admin, view, f"calendar_form:{client}")
    typed = {"zone": "Europe/London", "reading": "working_hours", "opens": "08:30", "closes": "17:00"}
    for country, zone, field in (
        ("XX", "Europe/London", "country"),
        ("GB-ENG", "Mars", "zone"),
        ("GB-ENG", "", "zone"),
    ):
        answer = await ws.submit(admin, view["id"], typed | {"country": country, "zone": zone})
        assert list(answer["errors"]) == [field]
    answer = await ws.submit(admin, view["id"], typed | {"country": "GB-ENG", "closes": "08:00"})
    assert list(answer["errors"]) == ["closes"]
    answer = await ws.submit(admin, view["id"], typed | {"country": "gb-eng"})
    assert answer == {"ok": True}
    asked = texts(await changed(ws, admin, view))
    assert "another calendar: United Kingdom (ENG) · Europe/London · 08:30 to 17:00" in asked
    assert of_client(_client(product)).country == "CN", "one administrator alone changes nothing"

    view = await go(ws, second, ws.channel("alliance-lobby"), "approvals")
    review = next(value for value in values(view) if value.startswith("approval:"))
    view = await press(ws, second, view, review)
    assert (await ws.submit(second, view["id"])).get("ok")
    kept = of_client(_client(product))
    assert (kept.country, kept.zone, kept.reading) == ("GB-ENG", "Europe/London", "working_hours")
    assert (f"{kept.opens:%H:%M}", f"{kept.closes:%H:%M}") == ("08:30", "17:00")
