"""Strike policies: what counts on each marketplace, what another one would have done; and banned goods."""

from collections.abc import Sequence

from bot.words.catalogue import Words
from bot.words.text import escape
from bot.words.text import plain as one_line
from handlers.blocks.office import form, listed, page, row, select, text_input
from handlers.blocks.parts import Block, actions, button, confirm, context, field, header, option, section
from handlers.ids import OfficeId, SellerId
from storage.records.seller_sheets import Histogram, MarketLine
from storage.records.sellers import CategoryBan, Measure, PolicyName, SanctionState

OFF = "off"
_BAR = 24  # blocks of the longest bar: a phone shows the line whole
_MOST_BANS = 40


def policies_page(words: Words, lines: Sequence[MarketLine]) -> Block:
    """Every marketplace with its policy."""
    open_ = words.text("register.open")
    rows = [
        row(
            f"*{escape(line.client.name)}*\n{_policy(words, line)}\n{_outcome(words, line)}",
            open_,
            f"policy:{line.client.id}",
        )
        for line in lines[:40]
    ]
    blocks = [
        section(words.text("sellers.policies.intro")),
        *listed(rows, words.text("sellers.policies.none")),
    ]
    return page(words, words.text("sellers.policies.title"), blocks, here="policies", back="menu")


def policy_page(words: Words, line: MarketLine, *, switches: bool) -> Block:
    """One marketplace: its policy, its sanctions, the way to try another and to the banned goods."""
    blocks = [
        header(one_line(line.client.name, 100)),
        section(_policy(words, line)),
        section(_outcome(words, line)),
    ]
    buttons = [button(words.text("sellers.policies.bans"), OfficeId.NEXT, f"bans:{line.client.id}")]
    if switches:
        change = button(words.text("sellers.policies.change"), OfficeId.GO, f"policy_form:{line.client.id}")
        buttons.insert(0, change)
    blocks.append(actions(*buttons))
    return page(
        words,
        words.text("sellers.policies.title"),
        blocks,
        here=f"policy:{line.client.id}",
        back="policies",
    )


def policy_form(words: Words, line: MarketLine, apart: str) -> Block:
    """Which policy to try, before anything is switched on; `apart` is empty where it is as published."""
    choices = [
        option(words.text(f"sellers.policy.{name}"), name)
        for name in (*(each.value for each in PolicyName), OFF)
    ]
    kept = line.policy.terms if line.policy else {}
    chosen = line.policy.name.value if line.policy else PolicyName.THREE_STRIKES.value
    blocks = [
        section(words.text("sellers.policies.form_about", marketplace=escape(line.client.name))),
        field("policy", words.text("sellers.policies.policy"), select(choices, chosen)),
        field(
            "valid",
            words.text("sellers.policies.valid"),
            text_input(str(kept.get("valid", 365)), most=4),
            hint=words.text("sellers.policies.valid_hint"),
        ),
        field(
            "apart",
            words.text("sellers.policies.apart"),
            text_input(apart, most=2),
            hint=words.text("sellers.policies.apart_hint"),
            optional=True,
        ),
    ]
    return form(
        words,
        words.text("sellers.policies.title"),
        blocks,
        callback_id=SellerId.POLICY_FORM,
        here=f"policy_form:{line.client.id}",
        back=f"policy:{line.client.id}",
        submit=words.text("sellers.policies.try"),
    )


def trial_page(
    words: Words, line: MarketLine, policy: str, valid: str, apart: str, tried: Histogram, detail: str
) -> Block:
    """What the policy would have done; from here it is proposed to a second administrator."""
    told = words.text(f"sellers.policy.{policy}")
    since = words.day(tried.since.astimezone(words.zone).date())
    blocks = [
        header(told),
        section(words.text("sellers.trial.terms", valid=valid, apart=apart)),
        section(words.count("sellers.trial.intro", tried.sellers, since=since)),
        section(f"```{_bars(words, tried)}```"),
        context(words.text("sellers.trial.how")),
        actions(
            button(
                words.text("sellers.trial.propose"),
                SellerId.PROPOSE,
                f"policy_trial:{detail}",
                style="primary",
                confirm=confirm(
                    words.text("office.sure"),
                    words.text("sellers.trial.sure", marketplace=one_line(line.client.name, 60)),
                    words.text("sellers.trial.propose"),
                    words.text("common.cancel"),
                ),
            )
        ),
    ]
    return page(
        words,
        words.text("sellers.policies.title"),
        blocks,
        here=f"policy_trial:{detail}",
        back=f"policy_form:{line.client.id}",
    )


def bans_page(words: Words, client_id: str, name: str, bans: Sequence[CategoryBan]) -> Block:
    """Goods that may not be listed on a marketplace."""
    rows = []
    for ban in bans[:_MOST_BANS]:
        end = words.text("sellers.bans.end")
        sure = confirm(
            words.text("office.sure"),
            words.text("sellers.bans.end_sure", goods=one_line(ban.goods, 120)),
            end,
            words.text("common.cancel"),
        )
        since = words.text("sellers.bans.since", day=words.day(ban.since.astimezone(words.zone).date()))
        told = [f"*{escape(ban.goods)}*", escape(ban.reason), since]
        rows.append(
            section(
                " · ".join(part for part in told if part),
                accessory=button(end, SellerId.END_BAN, f"{ban.id}:{client_id}", confirm=sure),
            )
        )
    blocks = [
        section(words.text("sellers.bans.intro", marketplace=escape(name))),
        *listed(rows, words.text("sellers.bans.none")),
        actions(
            button(words.text("sellers.bans.add"), OfficeId.GO, f"ban_form:{client_id}", style="primary")
        ),
    ]
    if len(bans) > _MOST_BANS:
        blocks.insert(-1, context(words.count("sellers.bans.more", len(bans) - _MOST_BANS)))
    return page(
        words, words.text("sellers.bans.title"), blocks, here=f"bans:{client_id}", back=f"policy:{client_id}"
    )


def ban_form(words: Words, client_id: str) -> Block:
    """Goods to put on the list."""
    blocks = [
        field(
            "goods",
            words.text("sellers.bans.goods"),
            text_input(most=120, example=words.text("sellers.bans.example")),
        ),
        field("reason", words.text("sellers.bans.reason"), text_input(most=300), optional=True),
    ]
    return form(
        words,
        words.text("sellers.bans.title"),
        blocks,
        callback_id=SellerId.BAN_FORM,
        here=f"ban_form:{client_id}",
        back=f"bans:{client_id}",
    )


def _policy(words: Words, line: MarketLine) -> str:
    if line.policy is None:
        return words.text("sellers.policies.off")
    return words.text(
        "sellers.policies.on",
        policy=words.text(f"sellers.policy.{line.policy.name}"),
        version=line.policy.version,
        valid=line.policy.terms["valid"],
        since=words.day(line.policy.since.astimezone(words.zone).date()),
    )


def _outcome(words: Words, line: MarketLine) -> str:
    """How many sellers have strikes, and what became of the bans."""
    bans = {state: line.sanctions.get((Measure.BAN, state), 0) for state in SanctionState}
    told = [words.count("sellers.policies.struck", line.sellers)]
    told += [
        words.count(f"sellers.policies.bans_{state}", number) for state, number in bans.items() if number
    ]
    return " · ".join(told)


def _bars(words: Words, tried: Histogram) -> str:
    """A line for each measure: its name, a bar, the number of sellers."""
    rows = [(None, words.text("sellers.trial.nothing"))]
    shown: list[tuple[Measure | None, str]] = [
        *rows,
        *(
            (measure, words.text(f"sellers.measure.{measure}"))
            for measure in Measure
            if tried.reached.get(measure)
        ),
    ]
    wide = max(len(name) for _, name in shown)
    most = max(tried.reached.values(), default=0) or 1
    return "\n".join(
        f"{name[:1].upper()}{name[1:]:<{wide - 1}}  {_bar(tried.reached.get(measure, 0), most)}"
        f" {words.number(tried.reached.get(measure, 0))}"
        for measure, name in shown
    )


def _bar(number: int, most: int) -> str:
    return "█" * max(round(_BAR * number / most), 1 if number else 0)
