"""How fast one key may call the platform API."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from handlers.platform.pace import Pace
from handlers.platform.routes import BASE
from tests.platform_caller import NOWHERE, Api, served


async def test_a_key_that_calls_too_fast_is_told_when_to_go_on(api: Api) -> None:
    moment = 0.0
    async with served(replace(api.desk, pace=Pace(2, lambda: moment))) as url:
        headers = {"Authorization": f"Bearer {api.key}"}
        foreign = {"Authorization": f"Bearer {api.foreign_key}"}

        async def read(who: Mapping[str, str]) -> tuple[int, str | None, Any]:
            async with api.http.get(f"{url}{BASE}/notices/{NOWHERE}", headers=who) as answer:
                return answer.status, answer.headers.get("Retry-After"), orjson.loads(await answer.read())

        assert [(await read(headers))[0] for _ in range(2)] == [404, 404]
        moment = 42.0
        status, after, said = await read(headers)
        assert (status, after, said["error"]["code"]) == (429, "18", "too_fast")
        assert (await read(foreign))[0] == 404
        moment = 60.0
        assert (await read(headers))[0] == 404


def test_made_up_keys_share_one_count_and_take_no_memory() -> None:
    pace = Pace(1, lambda: 0.0)
    assert {pace.wait(f"gfk_{number}") for number in range(10_000)} == {0}
    assert pace.wait("gfk_one_more") == 0
    assert pace.wait("gfk_and_another") == 60
