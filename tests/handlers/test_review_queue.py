"""The review queue in Slack, from end to end: two experts clear thirty requests without meeting."""

import asyncio
from typing import Any

from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.contract.requests import AskedRequest
from bot.enforcement import requests
from bot.enforcement.access import Actor
from storage.records.authenticity import Answer, AuthenticityRequest, RequestState, Retraction, Verdict
from storage.records.platform import PlatformClient
from tests.bot_under_test import Product
from tests.office import press, texts, top
from tests.workspace import Json

CHANNEL = "C0BRAND01"
INGRID, MIKKEL, CLAIRE = "U0INGRID1", "U0MIKKEL1", "U0CLAIRE1"
HOST = "bazaar.example"


def question(number: int, **more: Any) -> dict[str, Any]:
    return {
        "external_id": f"queue-{number}",
        "brand": "Nordlys",
        "listing": {
            "marketplace": "openbazaar",
            "url": f"https://{HOST}/item/{number}",
            "title": f"Nordlys running shoe, lot {number}",
            "price": {"amount": f"{30 + number}.00", "currency": "EUR"},
            "seller": {"id": f"s-{number % 3}", "name": f"seller {number % 3}"},
            **more,
        },
        "reasons": ["Price far below the catalogue"],
    }


async def ask(product: Product, count: int, **more: Any) -> None:
    """The marketplace asks so many questions at once."""

    def receive(session: Session) -> None:
        client = session.exec(select(PlatformClient)).one()
        asked = [AskedRequest.model_validate(question(number, **more)) for number in range(count)]
        own = {HOST: "openbazaar"}
        requests.receive_requests(session, Actor(client_id=client.id), asked, own, now=utc_now())

    await product.store.run(receive)


def retracted(session: Session) -> list[str]:
    """The requests whose verdict was taken back."""
    found = select(Verdict.request_id).join(Retraction, col(Retraction.verdict_id) == col(Verdict.id))
    return list(session.exec(found).all())


class Expert:
    """Somebody with the queue open."""

    def __init__(self, product: Product, user: str) -> None:
        self.product, self.ws, self.user = product, product.ws, user
        self.view: Json = {}
        self.answered: list[str] = []

    async def open(self) -> None:
        answer = await self.ws.command(self.user, "/goodfaith queue", CHANNEL)
        assert answer.get("ok"), answer
        self.view = await top(self.ws, self.user)

    @property
    def request_id(self) -> str:
        return str(self.view["private_metadata"]).partition(":")[0]

    async def submit(self, said: str = "") -> None:
        """Press the button below; the modal shows the next thing when Slack has its answer."""
        values = {f"answer-{self.request_id}": said} if said else {}
        done = await self.ws.submit(self.user, self.view["id"], values)
        assert done.get("ok"), done
        self.view = await top(self.ws, self.user)

    async def answer(self, said: Answer) -> None:
        self.answered.append(self.request_id)
        await self.submit(said.value)
        if said is Answer.FAKE:
            assert "The takedown starts at once" in texts(self.view)
            await self.submit()

    async def clear(self) -> None:
        while self.request_id != "none":
            await self.answer(Answer.FAKE if not self.answered else Answer.GENUINE)


async def test_two_experts_clear_thirty_requests_at_once(product: Product) -> None:
    await ask(product, 30)
    ingrid, mikkel = Expert(product, INGRID), Expert(product, MIKKEL)
    await ingrid.open()
    await mikkel.open()
    assert ingrid.request_id != mikkel.request_id
    assert "*1 of 30*" in texts(ingrid.view)
    assert "*1 of 29*" in texts(mikkel.view)
    await asyncio.gather(ingrid.clear(), mikkel.clear())
    assert not set(ingrid.answered) & set(mikkel.answered)
    assert len(ingrid.answered) + len(mikkel.answered) == 30
    assert min(len(ingrid.answered), len(mikkel.answered)) > 1
    assert "no other request waits for an answer" in texts(ingrid.view)

    def recorded(session: Session) -> tuple[int, list[RequestState]]:
        states = session.exec(select(AuthenticityRequest.state)).all()
        return len(session.exec(select(Verdict)).all()), sorted({RequestState(state) for state in states})

    assert await product.store.read(recorded) == (30, [RequestState.ANSWERED])

    async def redrawn() -> bool:
        messages = await product.ws.messages(INGRID, CHANNEL)
        return sum("says <@" in str(message["blocks"]) for message in messages) == 30

    assert await product.ws.wait_for(redrawn, 60.0)


async def test_a_picture_that_slack_cannot_get_stops_nobody(product: Product) -> None:
    await ask(product, 3, pictures=["https://unreachable.example/1.jpg"])
    mikkel = Expert(product, MIKKEL)
    await product.ws.command(MIKKEL, "/goodfaith queue", CHANNEL)

    async def told() -> bool:
        return "press the button again" in str(await product.ws.messages(MIKKEL, CHANNEL))

    await product.ws.wait_for(told)
    await mikkel.open()
    assert "Picture 1" in texts(mikkel.view)
    first = mikkel.request_id

    # The answer is recorded, but Slack does not take the next view; whoever tries again gets it with links.
    values = {f"answer-{first}": Answer.GENUINE.value}
    assert not (await product.ws.submit(MIKKEL, mikkel.view["id"], values)).get("ok")
    await mikkel.submit(Answer.GENUINE.value)
    assert mikkel.request_id != first
    assert "Recorded already: you said Genuine" in texts(mikkel.view)
    assert "Picture 1" in texts(mikkel.view)


async def test_what_stands_in_the_modal_and_what_its_buttons_do(product: Product) -> None:
    await ask(product, 5)
    mikkel = Expert(product, MIKKEL)
    await mikkel.open()
    first = mikkel.request_id
    assert "Fake starts the takedown at once" in texts(mikkel.view)
    assert "you have answered nothing about them before" in texts(mikkel.view)

    # Nothing is chosen beforehand, so Enter alone answers nothing.
    done = await product.ws.submit(MIKKEL, mikkel.view["id"], {})
    assert not done.get("ok")

    # A Fake is asked about once more, and one may go back.
    await mikkel.submit(Answer.FAKE.value)
    mikkel.view = await press(product.ws, MIKKEL, mikkel.view, first)
    assert mikkel.request_id == first

    await mikkel.submit("skip")
    assert mikkel.request_id != first
    for _ in range(4):
        await mikkel.answer(Answer.GENUINE)
    assert mikkel.request_id == first
    assert "*Usual price of this brand:* €32.50" in texts(mikkel.view)
    assert "*Genuine* is recorded." in texts(mikkel.view)

    # The answer before is taken back from here; the form lies on top of the queue.
    last = mikkel.answered[-1]
    await product.ws.click_view(
        MIKKEL, mikkel.view["id"], "queue_take_back", type="button", value=f"{last}:1"
    )
    form = await top(product.ws, MIKKEL)
    assert (await product.ws.submit(MIKKEL, form["id"], {"reason": "It was the wrong one"})).get("ok")

    assert await product.store.read(retracted) == [last]

    # Closed, it is free for a colleague; whoever is of another company has nothing to do.
    await product.ws.close_view(MIKKEL, mikkel.view["id"])
    ingrid, claire = Expert(product, INGRID), Expert(product, CLAIRE)
    await ingrid.open()
    assert ingrid.request_id == first
    await product.ws.command(CLAIRE, "/goodfaith queue", "C0BRAND02")
    claire.view = await top(product.ws, CLAIRE)
    assert "No request waits for an answer" in texts(claire.view)
