"""Product knowledge as the platform API gives it."""

from typing import Literal

from bot.contract.fields import Outgoing


class ReadPicture(Outgoing):
    """A picture: `GET /authenticity-requests/{id}/knowledge/pictures/{its id}` has its bytes.

    `caption` is what it shows, `media_type` image/png or image/jpeg, `size` in bytes.
    """

    id: str
    caption: str
    media_type: Literal["image/png", "image/jpeg"]
    size: int
    sha256: str


class ReadKnowledge(Outgoing):
    """How to tell a fake of the product line that a request is about, as the brand's experts wrote it.

    `expert` is a pseudonym, stable for one person and one client.
    """

    request_id: str
    brand: str
    product_line: str
    text: str
    points: list[str]
    pictures: list[ReadPicture]
    version: int
    at: str
    expert: str
