"""What marketplaces do in a simulated year, knowing only what they are sent, and what their sellers do."""

from datetime import datetime

from tests.year.agenda import Act, Agenda, Case, fact
from tests.year.hands import Heard, Json
from tests.year.history import Fact
from tests.year.members import Members
from tests.year.world import Character

LATE = 0.03  # of all decisions come after their due moment
PAPER = {
    "title": "Authorisation",
    "url": "https://seller.example/papers/authorisation.pdf",
    "sha256": "ab" * 32,
    "media_type": "application/pdf",
    "size": 120_000,
}
PARTICULARS = {
    "name": "Seller",
    "address": "Street 1",
    "telephone": "+1 555 0100",
    "signature": "Seller",
    "former_location": "the listing",
    "under_penalty_of_perjury": True,
    "accepts_jurisdiction": True,
}


class Marketplaces:
    """What both marketplaces do about what they are sent, and their sellers about removals."""

    def __init__(self, agenda: Agenda, members: Members) -> None:
        self.agenda = agenda
        self._members = members
        self._takedowns: dict[str, Case] = {}
        self._counters: dict[str, Case] = {}

    async def hear(self, now: datetime) -> None:
        react = {
            "notice.submitted": self._notice_came,
            "takedown.requested": self._takedown_came,
            "reinstatement.requested": self._give_back,
            "counter_notice.answered": self._counter_answered,
            "counter_notice.lapsed": self._counter_answered,
        }
        for heard in await self.agenda.hands.heard():
            if heard.kind in react:
                react[heard.kind](heard, now)

    def _notice_came(self, heard: Heard, now: datetime) -> None:
        data = heard.data
        cases = [self.agenda.cases[_number(item["listing"])] for item in data["items"]]
        items = {item["id"]: case for item, case in zip(data["items"], cases, strict=True)}
        told = {"notice": data["notice_id"], "immediate": data["immediate"], "origin": data["origin"]}
        numbers = {item_id: case.number for item_id, case in items.items()}
        self.agenda.history.add("sent", now, items=numbers, reference=data["reference"], **told)
        if data["immediate"]:
            return
        due_at = datetime.fromisoformat(data["due_at"])
        self._plan_decision(heard.market, data["notice_id"], items, now, due_at)
        if data["origin"] == "member" and self.agenda.chance.random() < 0.015:
            self._members.plan_withdrawal(data["notice_id"], cases, now + self.agenda.hours(3, 60))

    def _plan_decision(
        self, market: str, notice_id: str, items: dict[str, Case], now: datetime, due_at: datetime
    ) -> None:
        case = next(iter(items.values()))
        decided_at = self._decision_moment(now, due_at)

        async def clarify(act: Act) -> list[Fact]:
            if case.over:
                return []
            body = {"event_id": "question", "state": "clarification_required", "reason": "which item?"}
            await self.agenda.hands.move(market, notice_id, body, act.at)
            return []

        async def do(act: Act) -> list[Fact]:
            if case.over:
                return []
            case.over = True
            states = {item_id: self._kept_or_removed(each, act.at) for item_id, each in items.items()}
            kinds = set(states.values())
            state = "partially_actioned" if len(kinds) == 2 else _ENDS[kinds.pop()]
            body: Json = {"event_id": "decision", "state": state, "reason": "policy"}
            if state == "partially_actioned":
                body["items"] = [{"id": item_id, "state": each} for item_id, each in states.items()]
            await self.agenda.hands.move(market, notice_id, body, act.at)
            if state == "actioned" and self.agenda.chance.random() < 0.01:
                self._members.plan_withdrawal(
                    notice_id, [case], act.at + self.agenda.hours(24, 300), decided=True
                )
            return [fact("moved", act, notice=notice_id, state=state, items=states)]

        if self.agenda.chance.random() < 0.06 and decided_at - now > 3 * self.agenda.size.slot:
            self.agenda.later(now + (decided_at - now) / 2, clarify)
        self.agenda.later(decided_at, do)

    def _decision_moment(self, now: datetime, due_at: datetime) -> datetime:
        if self.agenda.chance.random() < LATE:
            return due_at + self.agenda.hours(0.1, 40)
        return now + (due_at - now) * self.agenda.chance.uniform(0.05, 0.98)

    def _kept_or_removed(self, case: Case, at: datetime) -> str:
        return "removed" if self.agenda.chance.random() < _removed(case.holder.character, at) else "kept"

    def _takedown_came(self, heard: Heard, now: datetime) -> None:
        takedown_id, cause = heard.data["takedown_id"], heard.data["causes"][0]
        case = self.agenda.cases[_number(heard.data["listing"])]
        self._takedowns[takedown_id] = case
        self.agenda.history.add(
            "requested", now, takedown=takedown_id, cause=cause["kind"], listing=case.number
        )

        async def do(act: Act) -> list[Fact]:
            state = "removed" if self._kept_or_removed(case, act.at) == "removed" else "refused"
            await self.agenda.hands.report(heard.market, takedown_id, state, act.at)
            if state == "removed" and self.agenda.chance.random() < _objects(case.holder.character, act.at):
                self._plan_objection(heard.market, takedown_id, act.at)
            return [fact("reported", act, takedown=takedown_id, state=state)]

        late = self.agenda.chance.random() < LATE
        self.agenda.later(now + (self.agenda.hours(60, 130) if late else self.agenda.hours(0.5, 20)), do)

    def _give_back(self, heard: Heard, now: datetime) -> None:
        takedown_id = heard.data["takedown_id"]

        async def do(act: Act) -> list[Fact]:
            await self.agenda.hands.report(heard.market, takedown_id, "reinstated", act.at)
            return [fact("reported", act, takedown=takedown_id, state="reinstated")]

        self.agenda.later(now + self.agenda.hours(1, 20), do)

    # What sellers object to, and what becomes of it.

    def _plan_objection(self, market: str, takedown_id: str, removed_at: datetime) -> None:
        case = self._takedowns[takedown_id]
        regime = self.agenda.chance.choice(case.market.regimes)

        async def do(act: Act) -> list[Fact]:
            body = {
                "external_id": f"cn-{case.number}",
                "takedown_id": takedown_id,
                "regime": regime,
                "ground": "authorized",
                "statement": "We bought these from the distributor.",
                "filed_at": act.at.isoformat(),
                "particulars": PARTICULARS,
                "papers": [PAPER],
            }
            counter_id, due_at = await self.agenda.hands.relay(market, body, act.at)
            self._counters[counter_id] = case
            self._members.expect_reply(case, counter_id, regime, act.at, due_at)
            told = {"due_at": due_at, "regime": regime, "takedown": takedown_id}
            return [fact("relayed", act, counter=counter_id, **told)]

        self.agenda.later(removed_at + self.agenda.hours(2, 44), do)

    def _counter_answered(self, heard: Heard, now: datetime) -> None:
        counter_id = heard.data["id"]
        if heard.data["state"] not in ("contested", "unanswered"):
            return
        case = self._counters[counter_id]

        async def do(act: Act) -> list[Fact]:
            right = self.agenda.chance.random() < _right(case.holder.character, act.at)
            state = "upheld" if right else "rejected"
            await self.agenda.hands.decide_counter(heard.market, counter_id, state, act.at)
            return [fact("ruled", act, counter=counter_id, state=state)]

        self.agenda.later(now + self.agenda.hours(2, 60), do)


_ENDS = {"removed": "actioned", "kept": "rejected"}
_BAD_SUMMER, _BAD_SPRING = range(5, 8), range(4, 7)


def _removed(character: Character, at: datetime) -> float:
    """How likely a listing that such a rights holder reports is removed."""
    if character is Character.FALLING:
        return 0.6 if at.month in _BAD_SUMMER else 0.98
    return {Character.CARELESS: 0.8, Character.ON_THE_EDGE: 0.915}.get(character, 0.975)


def _objects(character: Character, at: datetime) -> float:
    """How likely a seller objects to a removal."""
    return 0.5 if character is Character.CONTESTED and at.month in _BAD_SPRING else 0.04


def _right(character: Character, at: datetime) -> float:
    """How likely a marketplace finds that the seller was right."""
    return 0.8 if character is Character.CONTESTED and at.month in _BAD_SPRING else 0.35


def _number(listing: Json) -> int:
    return int(listing["url"].rpartition("/")[2])
