"""What waits for a second administrator: the card, the page to confirm it, and what it made."""

from collections.abc import Sequence

from bot.words.catalogue import Words
from bot.words.text import escape
from handlers.blocks import misuse
from handlers.blocks.clients import calendar_text
from handlers.blocks.office import cut, form, listed, page, pager
from handlers.blocks.parts import Block, actions, button, context, section
from handlers.blocks.parts import confirm as are_you_sure
from handlers.ids import OfficeId
from storage.records.approval_sheets import Proposal
from storage.records.approvals import ApprovalState


def proposal_text(proposal: Proposal, words: Words) -> str:
    """What is asked, in a sentence."""
    given = proposal.approval.arguments
    values = {
        "holder": escape(proposal.holder_name),
        "client": escape(proposal.client_name or given.get("name", "")),
        "lane": escape(given.get("lane_name", "")),
        "hours": given.get("hours", ""),
        "percent": given.get("percent", ""),
        "address": escape(given.get("webhook_url", "")),
        "key_id": escape(given.get("key_id", "")),
        "marketplace": escape(given.get("marketplace", "")),
        "policy": words.text(f"sellers.policy.{given['policy']}") if "policy" in given else "",
        "valid": given.get("valid", ""),
        "apart": given.get("apart", ""),
        "calendar": calendar_text(words, given) if "reading" in given else "",
        "person": f"<@{given['user_id']}>" if "user_id" in given else "",
        "role": words.text(f"register.role.{given['role']}") if "role" in given else "",
        "standing": words.text(f"register.standing.{given['standing']}") if "standing" in given else "",
        "reason": escape(given.get("reason", "")),
        "rule": words.text(f"standing.version.{given['version'].replace('-', '_')}")
        if "version" in given
        else "",
        "enrolment": words.text(f"standing.enrolment.{given['enrolment']}") if "enrolment" in given else "",
    }
    return words.text(f"approvals.act.{proposal.approval.operation}", **values)


def proposal_blocks(proposal: Proposal, user_id: str, words: Words, *, in_short: bool = False) -> list[Block]:
    """A proposal as a reader sees it: to be decided, waiting for somebody else, or decided.

    `in_short` for a list of many; the page on which one is decided shows all.
    """
    approval = proposal.approval
    asked = words.text(
        "approvals.asked_by",
        person=f"<@{proposal.proposer.user_id}>",
        at=words.moment(approval.proposed_at),
    )
    blocks = [section(proposal_text(proposal, words)), context(asked)]
    blocks += [] if in_short else _details(proposal, words)
    if approval.state is not ApprovalState.OPEN:
        return [*blocks, context(_decided(proposal, words))]
    decline = button(
        words.text("approvals.decline"),
        OfficeId.DECLINE,
        approval.id,
        confirm=are_you_sure(
            words.text("office.sure"),
            words.text("approvals.decline_sure"),
            words.text("approvals.decline"),
            words.text("common.cancel"),
            danger=True,
        ),
    )
    if proposal.proposer.user_id == user_id:
        return [*blocks, context(words.text("approvals.waits")), actions(decline)]
    review = button(
        words.text("approvals.review"), OfficeId.REVIEW, f"approval:{approval.id}", style="primary"
    )
    return [*blocks, actions(review, decline)]


def approvals_page(proposals: Sequence[Proposal], user_id: str, words: Words, number: int) -> Block:
    """Everything that waits."""
    blocks = [
        block
        for proposal in cut(proposals, number)
        for block in proposal_blocks(proposal, user_id, words, in_short=True)
    ]
    shown = listed(blocks, words.text("home.nothing_to_approve"))
    shown += pager(words, "approvals:", number, len(proposals))
    return page(words, words.text("approvals.title"), shown, here="approvals", back="menu")


def review_form(proposal: Proposal, words: Words) -> Block:
    """The one page from which a proposal is confirmed, so that what it makes can be shown in its place."""
    approval = proposal.approval
    if approval.state is not ApprovalState.OPEN:
        return page(
            words,
            words.text("approvals.one"),
            [section(proposal_text(proposal, words)), context(_decided(proposal, words))],
            here=f"approval:{approval.id}",
            back="approvals",
        )
    asked = words.text(
        "approvals.asked_by",
        person=f"<@{proposal.proposer.user_id}>",
        at=words.moment(approval.proposed_at),
    )
    blocks = [
        section(proposal_text(proposal, words)),
        context(asked),
        *_details(proposal, words),
        section(words.text("approvals.confirm_means")),
    ]
    return form(
        words,
        words.text("approvals.one"),
        blocks,
        callback_id=OfficeId.REVIEW_FORM,
        here=f"approval:{approval.id}",
        submit=words.text("approvals.confirm"),
    )


def made_page(words: Words, api_key: str, webhook_secret: str) -> Block:
    """What a confirmed act made, this once: it is kept nowhere."""
    blocks = [section(words.text("approvals.done"))]
    if api_key:
        blocks += [section(words.text("clients.api_key")), section(f"```{api_key}```")]
        blocks.append(context(words.text("clients.shown_once")))
    if webhook_secret:
        blocks += [section(words.text("clients.webhook_secret")), section(f"```{webhook_secret}```")]
    return page(words, words.text("approvals.one"), blocks, here="approvals", back="approvals")


def _details(proposal: Proposal, words: Words) -> list[Block]:
    """Of a warning or a suspension, what it rests on and what was answered to it."""
    return misuse.details(words, proposal.censure) if proposal.censure else []


def _decided(proposal: Proposal, words: Words) -> str:
    approval = proposal.approval
    by = f"<@{proposal.decider.user_id}>" if proposal.decider else ""
    at = words.moment(approval.decided_at) if approval.decided_at else ""
    if approval.state is ApprovalState.CONFIRMED:
        return words.text("approvals.was_confirmed", person=by, at=at)
    return words.text("approvals.was_declined", person=by, at=at)
