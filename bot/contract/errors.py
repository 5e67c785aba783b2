"""How the platform API says no."""

from pydantic import Field

from bot.contract.fields import Outgoing


class Fault(Outgoing):
    """One fault: a word for programs, a sentence for people, and the field where there is one."""

    code: str
    message: str
    field: str | None = Field(default=None, description="where in the body, as `listing.url`")


class Refusal(Outgoing):
    """The body of every answer from 400 upwards."""

    error: Fault
