"""Strikes and what they lead to, recounted by hand under the two published policies."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

SERIOUS = ("counterfeit_test_buy", "counterfeit_no_test_buy")
MILD_TO_GRAVE = (
    "",
    "severe_warning",
    "restriction_7_days",
    "restriction_14_days",
    "restriction_21_days",
    "ban",
)
POINTS = (
    (48, "ban"),
    (36, MILD_TO_GRAVE[4]),
    (24, MILD_TO_GRAVE[3]),
    (12, MILD_TO_GRAVE[2]),
    (6, MILD_TO_GRAVE[1]),
)
YEAR, THREE_DAYS = timedelta(days=365), timedelta(days=3)


@dataclass
class Strike:
    """A removal held against a seller."""

    removal: str
    at: datetime
    reason: str
    back: bool = False


@dataclass
class Proposal:
    """A measure that was proposed."""

    seller: str
    at: datetime
    measure: str
    withdrawn: bool = False


class SlowSellers:
    """Every seller of every marketplace; a seller's name begins with its marketplace's."""

    def __init__(self) -> None:
        self.strikes: dict[str, list[Strike]] = {}
        self.proposals: list[Proposal] = []

    def strike(self, seller: str, removal: str, at: datetime, reason: str) -> None:
        """A listing was removed; where the sum is graver than what stands, a measure is proposed."""
        self.strikes.setdefault(seller, []).append(Strike(removal, at, reason))
        measure = self.measure(seller, at)
        standing = [each.measure for each in self.proposals if each.seller == seller and not each.withdrawn]
        if all(_graver(measure, each) for each in ["", *standing]):
            self.proposals.append(Proposal(seller, at, measure))

    def take_back(self, seller: str, removal: str) -> None:
        """A removal was reversed; what would not have been proposed without it is withdrawn."""
        for strike in self.strikes.get(seller, []):
            if strike.removal == removal:
                strike.back = True
        for each in self.proposals:
            if each.seller == seller and _graver(each.measure, self.measure(seller, each.at)):
                each.withdrawn = True

    def total(self, seller: str, now: datetime) -> int:
        """The sum under the policy of the seller's marketplace."""
        valid = [
            strike
            for strike in self.strikes.get(seller, [])
            if not strike.back and now - YEAR < strike.at <= now
        ]
        serious = [strike for strike in valid if strike.reason in SERIOUS]
        if seller.startswith("openbazaar"):
            counted: list[Strike] = []
            for strike in serious:
                if not counted or strike.at - counted[-1].at >= THREE_DAYS:
                    counted.append(strike)
            return len(counted)
        general: dict[date, int] = {}
        for strike in valid:
            if strike.reason not in SERIOUS:
                general[strike.at.date()] = min(general.get(strike.at.date(), 0) + 2, 6)
        return 6 * len(serious) + sum(general.values())

    def measure(self, seller: str, now: datetime) -> str:
        """What the sum leads to."""
        total = self.total(seller, now)
        if seller.startswith("openbazaar"):
            return "ban" if total >= 3 else ""
        return next((measure for least, measure in POINTS if total >= least), "")


def _graver(one: str, other: str) -> bool:
    return MILD_TO_GRAVE.index(one) > MILD_TO_GRAVE.index(other)
