"""Product knowledge as the platform API gives it."""

from bot.contract.fields import Outgoing


class ReadKnowledge(Outgoing):
    """How to tell a fake of the product line that a request is about, as the brand's experts wrote it.

    `expert` is a pseudonym, stable for one person and one client.
    """

    request_id: str
    brand: str
    product_line: str
    text: str
    points: list[str]
    pictures: list[str]
    version: int
    at: str
    expert: str
