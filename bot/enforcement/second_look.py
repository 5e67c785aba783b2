"""When a takedown that one person may start asks for a second one all the same.

A rights holder in good standing starts a takedown with one click, or with one counterfeit notice. On these
grounds, each with its threshold in the settings, somebody else of the holder must agree first:

- `first`: none of the person's Fakes has stood yet, that is: led to a takedown, was confirmed by a second
  person or was removed after review. Not asked of rights holders on the pilot list, whom the alliance let in
  by hand; a holder is on it from the day on which two administrators set its standing to "pilot", until they
  set it to one that is neither that nor good.
- `speed`: the person gave so many answers within the last minute that nobody can have looked at each. Not
  asked of notices, each of which is one act however many listings it names.
- `volume`: so many Fakes, or listings in counterfeit notices, within the last hour or the last day, that one
  person's mistake would do much harm before anybody sees it.
- `large_seller`: so many of the seller's listings are known here that the harm of a mistake would be great.

A threshold of 0 is off. The second person confirms a Fake on its card, a notice on its own; until then the
marketplace works the notice like any other. Where speed or volume counts, one person's acts happen one after
the other: of two at the very same moment the second sees the first.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.enforcement.access import Actor
from bot.enforcement.limits import NO_LIMITS, Limits
from storage.queries import second_look
from storage.records.second_look import Ground

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Record:
    """What is known of a person and a seller right before the act."""

    stood: bool = True
    answers_in_minute: int = 0
    fakes_in_hour: int = 0
    fakes_in_day: int = 0
    large_seller: bool = False


def ground_of(limits: Limits, record: Record, *, pilot: bool) -> Ground | None:
    """Why somebody else must agree, the first that holds; None where nobody need."""
    if limits.first and not pilot and not record.stood:
        return Ground.FIRST
    if limits.answers_a_minute and record.answers_in_minute >= limits.answers_a_minute:
        return Ground.SPEED
    if limits.fakes_an_hour and record.fakes_in_hour >= limits.fakes_an_hour:
        return Ground.VOLUME
    if limits.fakes_a_day and record.fakes_in_day >= limits.fakes_a_day:
        return Ground.VOLUME
    if limits.seller_listings and record.large_seller:
        return Ground.LARGE_SELLER
    return None


def of_fake(
    session: Session,
    limits: Limits,
    person_id: str,
    seller_id: str | None,
    now: datetime,
    *,
    pilot: bool,
) -> Ground | None:
    """Why this person's Fake of something of that seller's needs a second person; one statement or none."""
    if limits == NO_LIMITS:
        return None
    never = now + DAY  # since then nothing has come: what is off costs nothing
    seen = second_look.before_fake(
        session,
        {
            "person": person_id,
            "newcomer": person_id if limits.first and not pilot else None,
            "seller": seller_id if limits.seller_listings else None,
            "minute_ago": now - MINUTE if limits.answers_a_minute else never,
            "hour_ago": now - HOUR if limits.fakes_an_hour else never,
            "day_ago": now - DAY if limits.fakes_a_day else never,
            "most_in_minute": max(limits.answers_a_minute - 1, 0),
            "most_in_hour": max(limits.fakes_an_hour - 1, 0),
            "most_in_day": max(limits.fakes_a_day - 1, 0),
            "all_but_one": max(limits.seller_listings - 1, 0),
        },
    )
    record = Record(
        stood=bool(seen.stood),
        answers_in_minute=limits.answers_a_minute if seen.in_minute else 0,
        fakes_in_hour=limits.fakes_an_hour if seen.in_hour else 0,
        fakes_in_day=limits.fakes_a_day if seen.in_day else 0,
        large_seller=bool(seen.large),
    )
    return ground_of(limits, record, pilot=pilot)


def hold(session: Session, actor: Actor) -> None:
    """Be this person's only act from now on, as a verdict of theirs is."""
    second_look.hold(session, str(actor))


def of_notice(
    session: Session, limits: Limits, person_id: str, keys: Collection[str], now: datetime, *, pilot: bool
) -> Ground | None:
    """As `of_fake`, for a counterfeit notice about listings with these keys, filed or about to be."""
    if limits == NO_LIMITS:
        return None
    # What the notice itself names counts with what came before: 300 links are no less than 300 clicks.
    before = len(keys) - 1
    largest = second_look.largest_seller(session, keys) if limits.seller_listings else 0
    record = Record(
        stood=pilot or not limits.first or second_look.has_stood(session, person_id),
        fakes_in_hour=before + second_look.reported_since(session, person_id, now - HOUR),
        fakes_in_day=before + second_look.reported_since(session, person_id, now - DAY),
        large_seller=0 < limits.seller_listings <= largest,
    )
    return ground_of(limits, record, pilot=pilot)


def is_large(session: Session, limits: Limits, seller_id: str | None) -> bool:
    """Whether a seller counts as large, for the card before the click."""
    if not limits.seller_listings or seller_id is None:
        return False
    return second_look.is_large(session, seller_id, limits.seller_listings)
