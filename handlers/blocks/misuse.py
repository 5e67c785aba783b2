"""Misuse as people see it: who causes what is upheld, one reporter's figures, a warning and the answer to it.

`Named` says how a reader may read people: as themselves, or by the pseudonym that the platform knows.
"""

from collections.abc import Callable, Sequence

from bot.words.catalogue import Words
from bot.words.text import escape
from bot.words.text import plain as one_line
from handlers.blocks.office import form, listed, page, row, text_input
from handlers.blocks.parts import Block, actions, button, context, field, header, modal, section
from handlers.ids import MisuseId, OfficeId
from storage.records.misuse import (
    Censure,
    CensureSheet,
    CensureState,
    Concentration,
    Figures,
    Reporter,
)
from storage.records.roster import Person, RightsHolder

Named = Callable[[Person], str]
LONGEST = 1000
_TELLS = 600
_MOST_HISTORY = 10


def concentration_page(words: Words, found: Concentration, named: Named, *, here: str, back: str) -> Block:
    """Who causes what is upheld, with each one's part of it and of all up to there."""
    blocks = [section(_in_all(words, found)), context(words.text("misuse.means"))]
    lines = []
    so_far = 0
    for reporter in found.reporters:
        so_far += reporter.figures.upheld
        told = _reporter_line(words, reporter, found, so_far, named)
        lines.append(
            row(told, words.text("misuse.look"), f"reporter:{reporter.holder_id}-{reporter.person.id}")
        )
    blocks += listed(lines, words.text("misuse.nobody"))
    return page(words, words.text("misuse.title"), blocks, here=here, back=back)


def reporter_page(
    words: Words,
    holder: RightsHolder,
    person: Person | None,
    figures: Figures,
    history: Sequence[Censure],
    offers: Sequence[str],
    named: Named,
    *,
    back: str,
) -> Block:
    """One reporter, or a rights holder as a whole: figures, history, and what may be proposed."""
    blocks = [section(who(holder, person, named))]
    if person and person.suspended_at:
        blocks.append(section(words.text("misuse.is_suspended", at=words.moment(person.suspended_at))))
    blocks.append(section(figures_text(words, figures)))
    about = f"{holder.id}-{person.id}" if person else holder.id
    # One block each: Slack takes an action id once in a block.
    blocks += [actions(_offer(words, offer, about)) for offer in offers]
    blocks.append(header(words.text("misuse.history")))
    shown = [section(_history_line(words, each)) for each in history[:_MOST_HISTORY]]
    blocks += listed(shown, words.text("misuse.no_history"))
    return page(words, words.text("misuse.one"), blocks, here=f"reporter:{about}", back=back)


def _offer(words: Words, offer: str, about: str) -> Block:
    return button(words.text(f"misuse.propose.{offer}"), OfficeId.GO, f"{offer}:{about}")


def who(holder: RightsHolder, person: Person | None, named: Named) -> str:
    """A reporter at their rights holder, or that alone."""
    return f"*{named(person)}* · {escape(holder.name)}" if person else f"*{escape(holder.name)}*"


def censure_form(words: Words, offer: str, whom: str, about: str) -> Block:
    """Why it is proposed; whoever is concerned reads it."""
    blocks = [
        section(words.text(f"misuse.form.{offer}", who=whom)),
        field(
            "reason",
            words.text("misuse.reason"),
            text_input(most=LONGEST, several_lines=True),
            hint=words.text("misuse.reason_hint"),
        ),
    ]
    return form(
        words,
        words.text("misuse.form_title"),
        blocks,
        callback_id=OfficeId.CENSURE_FORM,
        here=f"{offer}:{about}",
        back=f"reporter:{about}",
        submit=words.text("misuse.form_submit"),
    )


def message(words: Words, sheet: CensureSheet) -> tuple[str, list[Block]]:
    """What whoever is concerned reads: what is proposed or decided, why, the figures, and their answer."""
    censure = sheet.censure
    kind = f"{censure.kind.value}.{censure.state.value}"
    title = words.text(f"misuse.told.{kind}")
    blocks = [
        header(title),
        section(words.text(f"misuse.means_for_you.{kind}", holder=escape(sheet.holder_name))),
    ]
    blocks += details(words, sheet)
    if censure.state in (CensureState.PROPOSED, CensureState.IN_FORCE):
        label = words.text("misuse.answer_again" if censure.answer else "misuse.answer")
        blocks.append(actions(button(label, MisuseId.ANSWER, censure.id, style="primary")))
    return title, blocks


def details(words: Words, sheet: CensureSheet) -> list[Block]:
    """The reason, the figures as they were, and the answer; also for those who decide."""
    censure = sheet.censure
    blocks = [
        section(f"*{words.text('misuse.why')}*\n{escape(one_line(censure.reason, LONGEST))}"),
        section(figures_text(words, Figures(**censure.figures))),
    ]
    if censure.answer and censure.answered_at:
        by = f"<@{sheet.answered_by.user_id}>" if sheet.answered_by else ""
        told = words.text("misuse.answered", person=by, at=words.moment(censure.answered_at))
        blocks.append(section(f"*{told}*\n{escape(one_line(censure.answer, LONGEST))}"))
    elif censure.state is CensureState.PROPOSED:
        blocks.append(context(words.text("misuse.not_answered")))
    return blocks


def answer_form(words: Words, censure: Censure) -> Block:
    """What whoever is concerned has to say."""
    return modal(
        words,
        words.text("misuse.answer_title"),
        [
            section(words.text("misuse.answer_about")),
            field("answer", words.text("misuse.answer_label"), _typed(censure.answer)),
        ],
        callback_id=MisuseId.ANSWER_FORM,
        submit=words.text("misuse.answer_submit"),
        metadata=censure.id,
    )


def figures_text(words: Words, figures: Figures) -> str:
    """Number, share, gravity and signs of intention, each with what it is counted from."""
    lines = [
        words.text(
            "misuse.number",
            unfounded=words.number(figures.unfounded),
            acts=words.number(figures.acts),
            share=_share(words, figures.unfounded, figures.acts),
        ),
        words.text(
            "misuse.kinds",
            refused=words.number(figures.refused),
            retracted=words.number(figures.retracted),
            upheld=words.number(figures.upheld),
        ),
        words.count("misuse.gravity", figures.days_down),
        words.text(
            "misuse.intention",
            after=words.number(figures.after_warning),
            same=words.number(figures.same_seller),
        ),
    ]
    return "\n".join(f"• {line}" for line in lines)


def _in_all(words: Words, found: Concentration) -> str:
    return words.text(
        "misuse.in_all",
        unfounded=words.number(found.unfounded),
        upheld=words.number(found.upheld),
        people=words.number(found.people),
    )


def _reporter_line(words: Words, reporter: Reporter, found: Concentration, so_far: int, named: Named) -> str:
    figures = reporter.figures
    told = words.text(
        "misuse.line",
        unfounded=words.number(figures.unfounded),
        acts=words.number(figures.acts),
        of_acts=_share(words, figures.unfounded, figures.acts),
    )
    if figures.upheld:
        upheld = words.text(
            "misuse.line_upheld",
            upheld=words.number(figures.upheld),
            share=_share(words, figures.upheld, found.upheld),
            together=_share(words, so_far, found.upheld),
        )
        told = f"{upheld} · {told}"
    suspended = f" · {words.text('misuse.suspended')}" if reporter.person.suspended_at else ""
    return f"*{named(reporter.person)}* · {escape(reporter.holder_name)}{suspended}\n{told}"


def _history_line(words: Words, censure: Censure) -> str:
    kind = f"{censure.kind.value}.{censure.state.value}"
    at = words.moment(censure.lifted_at or censure.decided_at or censure.proposed_at)
    lines = [words.text(f"misuse.past.{kind}", at=at), escape(one_line(censure.reason, _TELLS))]
    if censure.answer:
        lines.append(words.text("misuse.past_answer", answer=escape(one_line(censure.answer, _TELLS))))
    return "\n".join(lines)


def _share(words: Words, part: int, whole: int) -> str:
    return words.percent(part / whole) if whole else words.text("misuse.no_share")


def _typed(value: str) -> Block:
    element = text_input(value, most=LONGEST, several_lines=True)
    return element | {"action_id": "answer"}
