"""What members do in a simulated year: file notices, answer what they are asked, and take some of it back."""

from datetime import datetime

from tests.year.agenda import Act, Agenda, Case, address, fact
from tests.year.hands import Json
from tests.year.history import Fact
from tests.year.world import MARKETS

ON_BOTH = 0.3  # of all filings name listings on both marketplaces, and become a notice for each
EXPLANATION = "The seal is missing and the label is printed on paper, as on every fake that we bought."
CONTEST = {
    "alibaba": "forged",
    "dsa": "not_authorised",
    "mercado_libre": "illegible",
    "china_ecommerce": "court_action",
    "dmca": "court_action",
}


class Members:
    """Experts, leads and agents of all rights holders."""

    def __init__(self, agenda: Agenda) -> None:
        self.agenda = agenda

    def plan_notices(self) -> None:
        weights = [holder.weight for holder in self.agenda.world.holders]
        holders = self.agenda.chance.choices(self.agenda.world.holders, weights, k=self.agenda.size.notices)
        planned = 0
        for holder in holders:
            if planned >= self.agenda.size.notices:
                break
            on_both = self.agenda.chance.random() < ON_BOTH
            markets = MARKETS if on_both else [self.agenda.chance.choice(MARKETS)]
            cases = [self.agenda.case(holder, market) for market in markets for _ in range(self._listings())]
            self._plan_filing(self.agenda.moment(), cases)
            planned += len(markets)

    def _listings(self) -> int:
        return 1 if self.agenda.chance.random() < 0.9 else self.agenda.chance.randint(2, 5)

    def _plan_filing(self, at: datetime, cases: list[Case]) -> None:
        holder = cases[0].holder
        right, reason = self.agenda.chance.choices(
            (
                ("trademark", "counterfeit_no_test_buy"),
                ("trademark", "trademark_in_listing"),
                ("design", "design"),
            ),
            (60, 22, 18),
        )[0]
        actor = self.agenda.chance.choice(holder.experts)
        links = [address(case) for case in cases]
        by_market: dict[str, list[int]] = {}
        for case in cases:
            by_market.setdefault(case.market.name, []).append(case.number)

        async def prepare(act: Act) -> str:
            return await self.agenda.hands.draft(actor, links, act.at)

        async def do(act: Act) -> list[Fact]:
            typed = {
                "holder_id": holder.id,
                "brand_id": holder.brand_id,
                "right_id": holder.rights[right],
                "reason": reason,
                "links": ("\n".join(links),),
                "explanation": EXPLANATION,
                "email": "expert@brand.example",
                "statement": True,
            }
            await self.agenda.hands.file(actor, act.ready, typed, act.at)
            told = {"right": right, "reason": reason, "holder": holder.number}
            return [
                fact("filed", act, market=market, listings=listings, **told)
                for market, listings in by_market.items()
            ]

        self.agenda.later(at, do, prepare)

    def plan_requests(self) -> None:
        weights = [holder.weight for holder in self.agenda.world.holders]
        asked: dict[tuple[datetime, str], list[Case]] = {}
        for _ in range(self.agenda.size.requests):
            market = self.agenda.chance.choice(MARKETS)
            (holder,) = self.agenda.chance.choices(self.agenda.world.holders, weights)
            day = self.agenda.moment().replace(
                hour=8 + 6 * self.agenda.chance.randrange(2), minute=5, second=0
            )
            asked.setdefault((day, market.name), []).append(self.agenda.case(holder, market))
        for (at, market_name), cases in asked.items():
            self._plan_asking(at, market_name, cases)

    def _plan_asking(self, at: datetime, market: str, cases: list[Case]) -> None:
        sellers = [int(self.agenda.size.sellers * self.agenda.chance.random() ** 2) for _ in cases]

        async def do(act: Act) -> list[Fact]:
            bodies = [_question(case, seller) for case, seller in zip(cases, sellers, strict=True)]
            ids = await self.agenda.hands.ask(market, bodies, act.at)
            facts = []
            for case, seller in zip(cases, sellers, strict=True):
                request_id = ids[f"x-{case.number}"]
                told = {"holder": case.holder.number, "market": market, "seller": f"{market}-{seller}"}
                facts.append(fact("asked", act, request=request_id, listing=case.number, **told))
                self._expect_answer(act.at, case, request_id)
            return facts

        self.agenda.later(at, do)

    def _expect_answer(self, asked_at: datetime, case: Case, request_id: str) -> None:
        if self.agenda.chance.random() < 0.03:
            return
        answer = self.agenda.chance.choices(("fake", "genuine", "cannot_tell"), (60, 25, 15))[0]
        actor = self.agenda.chance.choice(case.holder.experts)

        async def do(act: Act) -> list[Fact]:
            outcome = await self.agenda.hands.answer(actor, request_id, answer, act.at)
            if outcome == "awaiting_confirmation":
                self._expect_confirmation(act.at, case, request_id, actor)
            elif answer == "cannot_tell" and self.agenda.chance.random() < 0.6:
                self._plan_filing(act.at + self.agenda.hours(3, 60), [case])
            return [fact("answered", act, request=request_id, answer=answer, outcome=outcome)]

        self.agenda.later(asked_at + self.agenda.hours(1, 34), do)

    def _expect_confirmation(self, at: datetime, case: Case, request_id: str, first: object) -> None:
        second = next(actor for actor in case.holder.experts if actor != first)

        async def do(act: Act) -> list[Fact]:
            await self.agenda.hands.confirm(second, request_id, act.at)
            return [fact("confirmed", act, request=request_id)]

        self.agenda.later(at + self.agenda.hours(2, 20), do)

    def plan_withdrawal(
        self, notice_id: str, cases: list[Case], at: datetime, *, decided: bool = False
    ) -> None:
        case = cases[0]
        actor = case.holder.experts[0]

        async def do(act: Act) -> list[Fact]:
            if case.over and not decided:
                return []
            case.over = True
            await self.agenda.hands.withdraw(actor, notice_id, act.at)
            return [fact("withdrawn", act, notice=notice_id)]

        self.agenda.later(at, do)

    def expect_reply(self, case: Case, counter_id: str, regime: str, at: datetime, due_at: datetime) -> None:
        reply_at = at + (due_at - at) * self.agenda.chance.uniform(0.05, 0.9)
        position = self.agenda.chance.choices(("accept", "contest", ""), (2, 5, 3))[0]
        if not position or due_at - reply_at < 2 * self.agenda.size.slot:
            return
        actor = case.holder.experts[0]
        given = {"position": position, "code": "", "explanation": "We looked again.", "reference": ""}
        if position == "contest":
            given |= {"code": CONTEST[regime], "reference": "court case 12 O 34/25"}

        async def do(act: Act) -> list[Fact]:
            await self.agenda.hands.answer_counter(actor, counter_id, given, act.at)
            return [fact("replied", act, counter=counter_id, position=position)]

        self.agenda.later(reply_at, do)


def _question(case: Case, seller: int) -> Json:
    return {
        "external_id": f"x-{case.number}",
        "brand": case.holder.brand,
        "listing": {
            "marketplace": case.market.name,
            "url": address(case),
            "title": f"{case.holder.brand} shoe, lot {case.number}",
            "seller": {"id": f"s-{seller}", "name": f"Seller {seller}"},
        },
        "reasons": ["Price is 70 % below the catalogue"],
    }
