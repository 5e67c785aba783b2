"""Who answers for a rights holder at the platform: the line that names them, and the form that sets them."""

from collections.abc import Sequence
from datetime import datetime

from bot.words.catalogue import Words
from bot.words.text import escape
from handlers.blocks.office import form
from handlers.blocks.parts import Block, context, field, section
from handlers.ids import OfficeId
from storage.records.account_managers import Pair, Term
from storage.records.roster import RightsHolder


def manager_line(words: Words, pair: Pair, now: datetime) -> str:
    """Who answers, who stands in, and until when somebody is away."""
    if pair.manager is None:
        return words.text("managers.nobody")
    manager = f"<@{pair.manager.user_id}>"
    deputy = f"<@{pair.deputy.user_id}>" if pair.deputy else ""
    if pair.away_until is not None and pair.away_until > now:
        back = words.moment(pair.away_until)
        key = "managers.away" if deputy else "managers.away_alone"
        return words.text(key, manager=manager, deputy=deputy, back=back)
    return words.text("managers.both" if deputy else "managers.alone", manager=manager, deputy=deputy)


def manager_form(words: Words, holder: RightsHolder, pair: Pair, terms: Sequence[Term]) -> Block:
    """Who answers from now on; below it, who did before."""
    blocks = [
        section(words.text("managers.means", name=escape(holder.name))),
        field(
            "manager", words.text("managers.manager"), _person(pair.manager.user_id if pair.manager else "")
        ),
        field(
            "deputy",
            words.text("managers.deputy"),
            _person(pair.deputy.user_id if pair.deputy else ""),
            hint=words.text("managers.deputy_hint"),
            optional=True,
        ),
    ]
    if terms:
        blocks.append(context(words.text("managers.history"), *[_term(words, term) for term in terms]))
    return form(
        words,
        words.text("managers.title"),
        blocks,
        callback_id=OfficeId.MANAGER_FORM,
        here=f"manager_form:{holder.id}",
        back=f"holder:{holder.id}",
    )


def _term(words: Words, term: Term) -> str:
    people = words.listing([f"<@{user_id}>" for user_id in (term.manager, term.deputy) if user_id])
    since = words.day(term.since.date())
    if term.until is None:
        return words.text("managers.since", people=people, since=since)
    return words.text("managers.term", people=people, since=since, until=words.day(term.until.date()))


def _person(chosen: str) -> Block:
    made: Block = {"type": "users_select", "action_id": "person"}
    return made | {"initial_user": chosen} if chosen else made
