"""What Slack did not sign, or never sends, or sends for the wrong person: refused, and nothing changes."""

import asyncio
import random
import time
from typing import Any

import aiohttp
from sqlmodel import Session, SQLModel, col, select

from bot.clock import utc_now
from bot.sandbox.records import Message
from storage.records.audit import AuditEntry
from storage.records.authenticity import Verdict
from storage.records.outbox import OutboxRow
from storage.records.takedowns import Takedown
from tests.bot_under_test import Product
from tests.siege import Siege, besiege, drained, everything, quiet, reason_form, submission
from tests.slack_hand import FORM, Answer, SignedBody, event, signed


def forgeries(click: SignedBody) -> dict[str, SignedBody]:
    now = int(time.time())
    good, body = click.headers, click.body
    signature = good["X-Slack-Signature"]
    form = {"Content-Type": FORM}
    with_check = body + b"&ssl_check=1"
    return {
        "unsigned": SignedBody(body, form),
        "another secret": signed(body, secret="another installation's secret"),
        "another version": SignedBody(body, good | {"X-Slack-Signature": "v1" + signature[2:]}),
        "an empty signature": SignedBody(body, good | {"X-Slack-Signature": ""}),
        "half a signature": SignedBody(body, good | {"X-Slack-Signature": signature[:40]}),
        "upper case": SignedBody(body, good | {"X-Slack-Signature": signature.upper()}),
        "another body": SignedBody(body + b"&x=1", good),
        "another moment": SignedBody(body, good | {"X-Slack-Request-Timestamp": str(now - 5)}),
        "too old": signed(body, at=now - 302),
        "from the future": signed(body, at=now + 65),
        "no moment": SignedBody(body, good | {"X-Slack-Request-Timestamp": "abc"}),
        "a negative moment": SignedBody(body, good | {"X-Slack-Request-Timestamp": f"-{now}"}),
        "ssl_check instead of a signature": SignedBody(with_check, form),
        "a verification token instead": SignedBody(body + b"&token=verification-token", form),
    }


async def test_what_slack_did_not_sign_is_refused_in_one_and_the_same_line(product: Product) -> None:
    async with aiohttp.ClientSession() as session:
        siege = await besiege(product, session)
        before = everything(product.store)
        with quiet():
            for name, request in forgeries(siege.click("U0INGRID1")).items():
                answer = await siege.send(request)
                assert (name, answer) == (name, Answer(401, "The request is not authentic.\n"))
            for bit in random.Random(7).sample(range(256), 40):
                honest = siege.click("U0INGRID1")
                digest = f"{int(honest.headers['X-Slack-Signature'][3:], 16) ^ (1 << bit):064x}"
                forged = SignedBody(honest.body, honest.headers | {"X-Slack-Signature": f"v0={digest}"})
                assert (await siege.send(forged)).status == 401
        assert everything(product.store) == before


async def test_one_signed_click_sent_four_times_has_one_effect_also_after_a_restart(product: Product) -> None:
    async with aiohttp.ClientSession() as session:
        siege = await besiege(product, session)
        click = siege.click("U0INGRID1")
        answers = await asyncio.gather(*(siege.send(click) for _ in range(3)))
        assert {answer.status for answer in answers} == {200}
        await product.restart()
        await product.bot._prune()  # the hourly tick, which must not forget what can still be replayed
        assert (await siege.send(click)).status == 200
        await drained(siege)
        assert await siege.count(Verdict) == 1
        assert await siege.count(Takedown) == 1

        async def taken_down() -> Any:
            return await product.ws.market("effects")

        effects = await product.ws.wait_for(taken_down, 20)
        assert [each["count"] for each in effects] == [1]
        assert await siege.whispers("U0INGRID1") == []  # nobody is told "you answered already" by a replay


BROKEN: dict[str, tuple[bytes, str, int]] = {
    "no UTF-8 in a form": (b"payload=%ff%fe", FORM, 400),
    "no UTF-8 in JSON": (b'{"type": "\xff\xfe"}', "application/json", 400),
    "broken JSON": (b'{"type": "event_callback", ', "application/json", 400),
    "broken JSON in a form": (b"payload=%7B%22type%22", FORM, 400),
    "a list": (b"[1, 2]", "application/json", 400),
    "nothing": (b"", "application/json", 400),
    "deep JSON": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "application/json", 400),
    "a lone surrogate": (
        b'{"type": "event_callback", "event": {"type": "\\ud800"}}',
        "application/json",
        400,
    ),
    "a number for a user": (b'{"type": "block_actions", "user": 7}', "application/json", 400),
    "no action": (b'{"type": "block_actions", "user": {"id": "U1"}, "actions": []}', "application/json", 400),
    "more than a mebibyte": (b"x" * ((1 << 20) + 1), FORM, 413),
}


async def test_what_no_slack_sends_is_refused_though_it_is_signed(product: Product) -> None:
    async with aiohttp.ClientSession() as session:
        siege = await besiege(product, session)
        before = everything(product.store)
        with quiet():
            for name, (body, content_type, status) in BROKEN.items():
                answer = await siege.send(signed(body, content_type))
                assert (name, answer.status) == (name, status)
                assert answer.text.count("\n") == 1
                assert "Traceback" not in answer.text
        assert everything(product.store) == before


PEOPLE_WITHOUT_A_RIGHT = {
    "an expert of a rival": "U0TOMAS01",
    "platform staff": "U0WEI0001",
    "an administrator": "U0NOOR001",
    "a guest": "U0GUEST01",
    "a person of another workspace": "U0OTHER01",
    "somebody whose account was closed": "U0GONE001",
    "somebody unheard of": "U0NOBODY1",
    "the bot itself": "U0GOODFTH",
}
SURFACES = (
    "request_fake",
    "request_genuine",
    "request_need_sample",
    "request_not_our_brand",
    "request_retract",
)


async def test_nobody_without_a_right_changes_anything_and_all_are_told_the_same(product: Product) -> None:
    async with aiohttp.ClientSession() as session:
        siege = await besiege(product, session)
        before = everything(product.store)
        missing = "01" + "Z" * 24 + ":1"
        with quiet():
            for user in PEOPLE_WITHOUT_A_RIGHT.values():
                for action in SURFACES:
                    assert await siege.send(siege.click(user, action)) == Answer(200, "")
                    assert await siege.send(siege.click(user, action, missing)) == Answer(200, "")
                assert (await siege.send(reason_form(siege, user))).status == 200
            await drained(siege)
        assert everything(product.store) == before
        whispered = await product.store.read(
            lambda s: s.exec(select(OutboxRow.payload).where(col(OutboxRow.kind) == "whisper")).all()
        )
        assert {payload["key"] for payload in whispered} == {"common.not_found"}
        denials = await product.store.read(
            lambda s: s.exec(select(AuditEntry.actor).where(col(AuditEntry.outcome) == "denied")).all()
        )
        assert {actor.rpartition(":")[2] for actor in denials} >= set(PEOPLE_WITHOUT_A_RIGHT.values())


async def test_a_person_met_under_two_workspaces_is_read_without_a_clash(product: Product) -> None:
    opened = {"type": "app_home_opened", "user": "U0OTHER01", "channel": "D0ANY0001", "tab": "home"}
    body = {"type": "event_callback", "event_id": "Ev7", "team_id": "T0GOODFTH", "event": opened}
    async with aiohttp.ClientSession() as session:
        siege = Siege(product, session, Message("", "", "", utc_now()))
        with quiet():
            assert (await siege.send(event(body))).status == 200
            await drained(siege)


async def test_nobody_gets_at_the_draft_or_the_notice_of_a_rival(product: Product) -> None:
    async with aiohttp.ClientSession() as session:
        siege = await besiege(product, session)
        await siege.ws.command("U0MIKKEL1", f"/notice {siege.ws.url}/item/7", siege.card.channel)
        draft = (await siege.ws.views("U0MIKKEL1"))[-1]["private_metadata"]
        before = everything(product.store)
        with quiet():
            for user in ("U0TOMAS01", "U0GUEST01", "U0OTHER01"):
                for form in ("notice_form", "notice_review_form", "notice_withdraw_form"):
                    assert (await siege.send(submission(siege, user, form, draft))).status == 200
                for action in ("notice_open_draft", "notice_drop_draft", "notice_withdraw"):
                    assert (await siege.send(siege.click(user, action, draft))).status == 200
            await drained(siege)
        assert everything(product.store) == before


async def test_an_expert_whose_account_is_closed_loses_the_button_at_once(product: Product) -> None:
    async with aiohttp.ClientSession() as session:
        siege = await besiege(product, session)
        await siege.ws.change_person("U0MIKKEL1", deleted=True)

        async def denied() -> bool:
            await siege.send(siege.click("U0MIKKEL1", "request_cannot_tell", "01" + "Z" * 24 + ":1"))
            people = await siege.product.store.read(_deleted)
            return "U0MIKKEL1" in people

        await siege.ws.wait_for(denied, 20)
        await siege.send(siege.click("U0MIKKEL1"))
        assert await siege.count(Verdict) == 0


def _deleted(session: Session) -> set[str]:
    person = SQLModel.metadata.tables["person"].c
    return set(session.connection().execute(select(person.user_id).where(person.is_deleted)).scalars())
