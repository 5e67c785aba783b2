"""A reader whose Slack speaks Chinese reads Chinese: the sentences, and the dates between them."""

from typing import Any

from tests.bot_under_test import Product
from tests.office import texts


async def test_app_home_follows_the_language_of_its_reader(product: Product) -> None:
    ws = product.ws
    wei, mikkel = ws.member("Wei"), ws.member("Mikkel")
    for person in (wei, mikkel):
        await ws.change_person(person, locale="zh-CN")

    async def chinese(person: Any, seen: str) -> str | None:
        await ws.open_home(person)
        home = await ws.home(person)
        return texts(home) if home and seen in texts(home) else None

    staff = await ws.wait_for(lambda: chinese(wei, "平台团队"))
    expert = await ws.wait_for(lambda: chinese(mikkel, "诚信资格"))
    assert staff is not None
    assert expert is not None
    assert "Nordlys AS" in expert
    assert "Notices" not in expert
    assert "Requests without a brand" not in staff
