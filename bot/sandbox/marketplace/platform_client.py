"""The marketplace's side of the bot's platform API (docs/api/platform.md)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import aiohttp

from bot.sandbox.records import Json

BATCH = 500
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
CALL_SECONDS = 10.0


class PlatformRefused(Exception):
    """The bot said no; its sentence is for the person at the panel."""


class PlatformUnclear(Exception):
    """The bot could not be reached or could not answer; the call can be repeated."""


class PlatformClient:
    """Calls the bot with the marketplace's key. `base_url` is the bot's address without a path."""

    def __init__(self, base_url: str = "") -> None:
        self.base_url = base_url
        self.api_key = ""
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def _post(self, path: str, body: Json) -> Json:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=CALL_SECONDS))
        headers = {"Authorization": f"Bearer {self.api_key}"}
        try:
            async with self._session.post(
                f"{self.base_url}/api/v1{path}", json=body, headers=headers
            ) as response:
                answer: Any = await response.json(content_type=None)
                status = response.status
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise PlatformUnclear(f"The bot cannot be reached: {error}") from error
        if status == 429 or status >= 500:
            raise PlatformUnclear(f"The bot answered {status}.")
        if status >= 400:
            raise PlatformRefused(f"The bot refused ({status}): {_reason(answer)}")
        return answer if isinstance(answer, dict) else {}

    async def ask(self, requests: Sequence[Json]) -> list[Json]:
        """Ask one question, or many in batches; `{"external_id", "status", "id" | "error"}` for each.

        :raises PlatformRefused: :raises PlatformUnclear:
        """
        if len(requests) == 1:
            answer = await self._post("/authenticity-requests", requests[0])
            return [{**answer, "status": answer.get("state")}]
        results: list[Json] = []
        for start in range(0, len(requests), BATCH):
            batch = {"requests": list(requests[start : start + BATCH])}
            results += (await self._post("/authenticity-requests/batch", batch))["results"]
        return results

    async def withdraw(self, request_id: str, reason: str) -> Json:
        """Withdraw a question.

        :raises PlatformRefused: :raises PlatformUnclear:
        """
        return await self._post(f"/authenticity-requests/{request_id}/withdraw", {"reason": reason})

    async def move_notice(self, notice_id: str, move: Json) -> Json:
        """Tell where a notice stands.

        :raises PlatformRefused: :raises PlatformUnclear:
        """
        return await self._post(f"/notices/{notice_id}/status", move)

    async def relay_counter_notice(self, asked: Json) -> Json:
        """Relay a seller's objection to a takedown; the counter-notice as it stands.

        :raises PlatformRefused: :raises PlatformUnclear:
        """
        return await self._post("/counter-notices", asked)

    async def decide_counter_notice(self, counter_id: str, told: Json) -> Json:
        """Tell what became of a counter-notice.

        :raises PlatformRefused: :raises PlatformUnclear:
        """
        return await self._post(f"/counter-notices/{counter_id}/status", told)

    async def report_takedown(self, takedown_id: str, report: Json) -> Json:
        """Tell what became of a takedown.

        :raises PlatformRefused: :raises PlatformUnclear:
        """
        return await self._post(f"/takedowns/{takedown_id}/status", report)

    async def report_sanction(self, sanction_id: str, report: Json) -> Json:
        """Tell whether a proposed sanction was carried out.

        :raises PlatformRefused: :raises PlatformUnclear:
        """
        return await self._post(f"/sanctions/{sanction_id}/status", report)

    async def report_until_heard(self, takedown_id: str, report: Json) -> bool:
        """Report a takedown again and again until the bot has heard it; False when it refuses."""
        return await self._until_heard(self.report_takedown, takedown_id, report)

    async def decide_until_heard(self, counter_id: str, told: Json) -> bool:
        """The same for what became of a counter-notice."""
        return await self._until_heard(self.decide_counter_notice, counter_id, told)

    async def _until_heard(self, say: Callable[[str, Json], Awaitable[Json]], of: str, told: Json) -> bool:
        pause = FIRST_PAUSE
        while True:
            try:
                await say(of, told)
            except PlatformUnclear:
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            except PlatformRefused:
                return False
            else:
                return True


def _reason(answer: Any) -> str:
    error = answer.get("error") if isinstance(answer, dict) else None
    if isinstance(error, dict):
        return " ".join(str(error[name]) for name in ("message", "field") if error.get(name))
    return "no reason given"
