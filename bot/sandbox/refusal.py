"""The one exception with which the local workspace says no, as Slack's Web API words it."""

from collections.abc import Sequence

from bot.sandbox.records import Json


class Refusal(Exception):
    """`{"ok": false, "error": code}` with whatever else Slack adds for that code."""

    def __init__(self, code: str, messages: Sequence[str] = (), **more: str) -> None:
        super().__init__(code)
        self.code = code
        self.messages = list(messages)
        self.more = more

    def answer(self) -> Json:
        """The body of the answer, with the details where Slack puts them."""
        body: Json = {"ok": False, "error": self.code, **self.more}
        if self.messages:
            body["errors"] = self.messages
            body["response_metadata"] = {"messages": [f"[ERROR] {line}" for line in self.messages]}
        return body
