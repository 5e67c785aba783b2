"""Binding a channel, and the note to those who keep one when a stranger joined or the bot cannot post."""

from collections.abc import Sequence

from bot.words.catalogue import Words
from bot.words.text import escape
from handlers.blocks.office import cut, form, listed, page, pager
from handlers.blocks.parts import Block, actions, button, context, field, section
from handlers.ids import GroupId, OfficeId
from storage.records.channels import ChannelBinding, ChannelMember, ChannelPurpose, ChannelState

# What Slack says where a workspace does not let the bot keep its lists, for which there is a sentence.
PROBLEMS = (
    *("restricted_action", "missing_scope", "plan_upgrade_required", "paid_teams_only"),
    *("permission_denied", "name_already_exists", "handle_already_exists", "invalid_users"),
)


def problem_line(words: Words, code: str) -> str:
    """Why Slack does not let the bot do it, and what to do then."""
    if code in PROBLEMS:
        return words.text(f"channels.problem.{code}")
    return words.text("channels.problem.other", code=code)


def channel_form(
    words: Words,
    purpose: ChannelPurpose,
    scope_id: str,
    name: str,
    *,
    back: str,
    chosen: str = "",
    strangers: Sequence[str] = (),
) -> Block:
    """The channel to choose; `strangers` are those because of whom the last choice was refused."""
    pick: Block = {
        "type": "conversations_select",
        "action_id": "channel",
        "filter": {"include": ["private"], "exclude_bot_users": True},
    }
    if chosen:
        pick["initial_conversation"] = chosen
    blocks = [section(words.text(f"channels.means.{purpose}", name=escape(name)))]
    if strangers:
        named = words.listing([f"<@{user_id}>" for user_id in strangers[:30]])
        blocks.append(section(words.text("channels.strangers_named", people=named)))
    blocks.append(
        field("channel", words.text("channels.channel"), pick, hint=words.text("channels.invite_first"))
    )
    here = f"channel_form:{purpose}-{scope_id}"
    return form(
        words,
        words.text("channels.bind"),
        blocks,
        callback_id=OfficeId.CHANNEL_FORM,
        here=here,
        back=back,
        submit=words.text("channels.bind_now"),
    )


def channels_page(words: Words, lines: Sequence[tuple[ChannelBinding, str]], number: int) -> Block:
    """Every bound channel with the name of what it is for."""
    shown = [
        section(
            words.text(
                "channels.line",
                what=words.text(f"channels.purpose.{binding.purpose}", name=escape(name)),
                state=words.text(f"channels.state.{binding.state}", channel=f"<#{binding.channel_id}>"),
            )
        )
        for binding, name in cut(lines, number)
    ]
    blocks = listed(shown, words.text("channels.no_channels"))
    blocks += pager(words, "channels:", number, len(lines))
    return page(words, words.text("channels.title"), blocks, here="channels", back="menu")


def stranger_note(
    words: Words, binding: ChannelBinding, member: ChannelMember, *, stranger: bool, may_let_in: bool
) -> tuple[str, list[Block]]:
    """The text and the blocks about somebody who joined a bound channel."""
    values = {"person": f"<@{member.user_id}>", "channel": f"<#{binding.channel_id}>"}
    if member.left_at is not None:
        text = words.text("channels.stranger_left", **values)
    elif member.removal_by is not None:
        text = words.text("channels.stranger_goes", **values)
        if binding.step_problem:
            return text, [section(text), context(problem_line(words, binding.step_problem))]
    elif member.allowed_by is not None:
        text = words.text("channels.stranger_let_in", **values)
    elif not stranger:
        text = words.text("channels.stranger_belongs", **values)
    else:
        text = words.text("channels.stranger_joined", **values)
        blocks = [section(text), context(words.text("channels.how_to_remove", **values))]
        if may_let_in:
            stay = button(words.text("channels.let_in"), OfficeId.LET_IN, member.id)
            go = button(words.text("channels.take_out"), GroupId.TAKE_OUT, member.id)
            blocks.append(actions(stay, go))
        return text, blocks
    return text, [section(text)]


def broken_note(words: Words, binding: ChannelBinding) -> tuple[str, list[Block]]:
    """The text and the blocks about a channel in which the bot cannot post any more."""
    values = {"channel": f"<#{binding.channel_id}>"}
    if binding.unbound_at is not None:
        text = words.text("channels.was_unbound", **values)
        return text, [section(text)]
    if binding.state is ChannelState.BROKEN:
        text = words.text("channels.is_broken", **values)
        scope = f"channel_form:{binding.purpose}-{binding.scope_id}"
        mend = button(words.text("channels.bind"), OfficeId.GO, scope)
        return text, [section(text), context(words.text("channels.how_to_mend")), actions(mend)]
    text = words.text("channels.works", **values)
    if binding.step_problem:
        text = words.text("channels.out_of_step", **values)
        return text, [section(text), context(problem_line(words, binding.step_problem))]
    return text, [section(text)]
