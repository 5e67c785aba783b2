"""Code and catalogue agree: every key that is asked for exists, and every key that exists is asked for."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from bot.contract.counter_notices import Particulars
from bot.enforcement.approvals import ActName
from bot.enforcement.digest_kinds import SECTIONS
from bot.enforcement.marketplaces import MARKETPLACES
from bot.enforcement.regimes import Silence
from bot.enforcement.standing_rules import PUBLISHED
from bot.enforcement.strike_policies import OFF
from bot.words.catalogue import HOME, languages
from handlers.blocks.aggregates import COLUMNS as FIGURE_COLUMNS
from handlers.blocks.authenticity_forms import DECLINE, RETRACT
from handlers.blocks.channels import PROBLEMS
from handlers.blocks.standing import EVERYBODY, PILOT_LIST
from handlers.ids import DigestField, HomePage
from handlers.slack.misuse_pages import OFFERS
from storage.queries.exports import COLUMNS as EXPORT_COLUMNS
from storage.records.authenticity import Answer, Decision, Outcome, RequestState
from storage.records.calendars import Reading, Span
from storage.records.channels import ChannelPurpose, ChannelState
from storage.records.conversations import About, Concern, Part, TalkForm, TalkOutcome, TalkState
from storage.records.counter_notices import (
    ContestCode,
    CounterState,
    DecidedBy,
    Position,
    Regime,
    SellerGround,
    StepKind,
)
from storage.records.deadlines import WaitsFor
from storage.records.digest_figures import ItemKind, Section
from storage.records.digests import Lateness
from storage.records.exports import ExportFormat, ExportSubject, WeekFigures
from storage.records.findings import FindingKind, SharingState
from storage.records.group_seats import Decision as SeatDecision
from storage.records.group_seats import Wish
from storage.records.groups import GroupKind, Industry, Region
from storage.records.home import NoticeFilter
from storage.records.misuse import CensureKind, CensureState
from storage.records.notice_sheets import AUTHORITY, GOOD_FAITH
from storage.records.notices import NoticeState, ReasonCode
from storage.records.rights import RightKind
from storage.records.roster import HolderKind, HolderSize, Role, Standing
from storage.records.second_look import Ground
from storage.records.sellers import Likeness, PolicyName, SanctionState, Severity, TraitKind
from storage.records.sellers import Measure as SellerMeasure
from storage.records.service_figures import Cut, Topic
from storage.records.standing import Measure, StandingCause
from storage.records.takedowns import TakedownState

ROOT = Path(__file__).resolve().parents[2]
KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")

FAKE_LEADS_TO = (Outcome.TAKEDOWN, Outcome.AWAITING_CONFIRMATION, Outcome.REVIEW)
# Keys that code puts together: the beginning as it stands in the f-string, and all the ends that it can get.
BINDABLE = [purpose for purpose in ChannelPurpose if purpose is not ChannelPurpose.CONVERSATION]
FAMILIES: dict[str, Iterable[str]] = {
    "access.help.": Role,
    "approvals.act.": ActName,
    "authenticity.already_": [f"{whose}.{answer}" for whose in ("mine", "theirs") for answer in Answer],
    "authenticity.button.": Answer,
    "authenticity.card.": ("deadline", "price", "seller"),
    "authenticity.fake.": (*FAKE_LEADS_TO, "mixed"),
    "authenticity.form.": [
        f"{act}{part}" for act in (DECLINE, RETRACT) for part in ("", "_about", "_submit")
    ],
    "authenticity.head.": (
        *(state for state in RequestState if state is not RequestState.ANSWERED),
        *(answer for answer in Answer if answer is not Answer.NOT_OUR_BRAND),
        *("retracted", "disputed"),
    ),
    "authenticity.second.": Decision,
    "authenticity.sure.": (*FAKE_LEADS_TO, "mixed"),
    "authenticity.takedown.": (*TakedownState, "requested_turned_away", "requested_unreachable"),
    "authenticity.text.": RequestState,
    "authenticity.unrouted.": ("assigned", "withdrawn"),
    "authenticity.verdict.": Answer,
    "channels.means.": BINDABLE,
    "channels.purpose.": BINDABLE,
    "channels.problem.": PROBLEMS,
    "channels.state.": ChannelState,
    "channels.step.": ("kept", "not_kept", "kept_switch", "not_kept_switch"),
    "clients.calendar.": Reading,
    "clients.reading.": Reading,
    "talk.about.": About,
    "talk.approval.": ("approved", "declined"),
    "talk.asks.": ("member", "platform"),
    "talk.button_label.": About,
    "talk.concern.": Concern,
    "talk.elsewhere.": TalkForm,
    "talk.field.": ("about", "brand", "company", "since"),
    "talk.news.": ("waiting", "declined", "opening"),
    "talk.news.open_": TalkForm,
    "talk.outcome.": TalkOutcome,
    "talk.part.": Part,
    "talk.security.": ("add", "remove"),
    "talk.state.": TalkState,
    "counter_notices.answered.": Position,
    "counter_notices.card.": ("brand", "marketplace", "seller", "ground", "regime", "filed", "due"),
    "counter_notices.code.": ContestCode,
    "exports.column.": {
        column for columns in (*EXPORT_COLUMNS.values(), FIGURE_COLUMNS) for column in columns
    },
    "exports.count.": (
        *("notices", "requests", "verdicts", "fake", "genuine", "other", "started", "removed"),
        *("in_time", "half_within", "seller"),
    ),
    "exports.figure.": [each.name for each in fields(WeekFigures)],
    "exports.figures_form.": ("group", "association"),
    "exports.figures_here.": ("group", "association"),
    "exports.format.": ExportFormat,
    "exports.format_one.": ExportFormat,
    "exports.spans.": Span,
    "exports.stretch.": Span,
    "exports.report_group.": ("notices", "requests", "takedowns", "counter_notices"),
    "exports.subject.": ExportSubject,
    "counter_notices.form.": ("fetch_again", "file_gone", "too_large", "wrong_kind"),
    "knowledge.files.": ("fetch_again", "file_gone", "too_large", "wrong_kind"),
    "counter_notices.ground.": SellerGround,
    "counter_notices.head.": CounterState,
    "counter_notices.listing.": ("asked_back", "back", "stays"),
    "counter_notices.outcome.": ("contested", "unanswered", "rejected", "withdrawn"),
    "counter_notices.outcome.upheld_": (DecidedBy.BRAND, DecidedBy.SILENCE, DecidedBy.PLATFORM),
    "counter_notices.particular.": Particulars.model_fields,
    "counter_notices.regime.": Regime,
    "counter_notices.silence.": Silence,
    "counter_notices.step.": StepKind,
    "counter_notices.text.": CounterState,
    "deadlines.waits.": WaitsFor,
    "digests.changes.": Span,
    "digests.comes.": Span,
    "digests.count.": ("notices", "requests", "fake", "removed", "waiting"),
    "digests.form.": [name.removeprefix("digest_") for name in DigestField],
    "digests.kind.": SECTIONS,
    "digests.late.": Lateness,
    "digests.loses.": Measure,
    "digests.new.": ("relisting", "reason", "seller", "named", "common"),
    "digests.section.": Section,
    "digests.span.": Span,
    "digests.waiting_item.": ItemKind,
    "digests.waits.": ("requests", "clarifications", "counters", "unrouted"),
    "directory.by.": ("industry", "country", "size", "kind"),
    "directory.total.": ("holders", "brands", "people", "groups", "memberships"),
    "findings.decided.": (SharingState.POSTED, SharingState.DECLINED, SharingState.WITHDRAWN),
    "findings.in.": SharingState,
    "findings.kind.": FindingKind,
    "findings.told.": ("posted", "asked", "without"),
    "groups.apply.": Wish,
    "groups.asks.": Wish,
    "groups.asks_of.": Wish,
    "groups.decided.": SeatDecision,
    "groups.industry.": Industry,
    "groups.kind.": GroupKind,
    "groups.region.": Region,
    "groups.wish.": Wish,
    "home.answer.": Answer,
    "home.censure.": [f"{whose}.{kind}" for whose in ("you", "holder") for kind in CensureKind],
    "home.filter.": NoticeFilter,
    "home.filter_empty.": NoticeFilter,
    "home.help_page.": [page for page in HomePage if page is not HomePage.HELP],
    "home.tab.": HomePage,
    **{
        f"misuse.{part}.": [f"{kind}.{state}" for kind in CensureKind for state in CensureState]
        for part in ("told", "means_for_you", "past")
    },
    **{f"misuse.{part}.": OFFERS for part in ("propose", "form")},
    "notices.card.": (
        *("brand", "marketplace", "right", "reason", "state", "progress", "their_words", "own_words"),
        *("add_complaint", "change_complaint"),
    ),
    "notices.card.line_": ("none", "waiting", "refused"),
    "notices.event.": NoticeState,
    "notices.form.": (
        *("holder_id", "brand_id", "right_id", "reason", "order_number", "explanation", "email"),
        *("work", "signature", "address", "telephone"),
    ),
    "notices.item.": ("removed", "kept"),
    "notices.marketplace.": (*(market.name for market in MARKETPLACES), "web"),
    "notices.reason.": ReasonCode,
    "notices.state.": NoticeState,
    "notices.statement.": (GOOD_FAITH, AUTHORITY),
    "review_queue.said.": (*FAKE_LEADS_TO, *(answer for answer in Answer if answer is not Answer.FAKE)),
    "review_queue.usual.": ("above", "below"),
    "review_queue.usual.of_": ("brand", "line"),
    "register.kind.": HolderKind,
    "register.role.": Role,
    "register.size.": HolderSize,
    "register.standing.": Standing,
    "rights.kind.": RightKind,
    "standing.": (*Measure, "takedown_none", "counter_none"),
    "standing.enrolment.": (EVERYBODY, PILOT_LIST),
    "standing.means.": Standing,
    "standing.to_lose.": Measure,
    "standing.told.": StandingCause,
    "standing.until_": ("held", "out"),
    "standing.version.": [version.replace("-", "_") for version in PUBLISHED],
    "second_look.because.": Ground,
    "second_look.notice.": [ground for ground in Ground if ground is not Ground.SPEED],
    "sellers.card.": ("seller", "marketplace", "counted", "proposed"),
    "sellers.card.head_": SellerMeasure,
    "sellers.counted.": PolicyName,
    "sellers.measure.": SellerMeasure,
    "sellers.page.": (
        *("marketplace", "strikes", "takedowns", "asked", "listings", "first_seen", "others"),
        *("whole", "own"),
    ),
    "sellers.policies.bans_": SanctionState,
    "sellers.policy.": (*PolicyName, OFF),
    "sellers.relisted_as.": Likeness,
    "sellers.severity.": Severity,
    "sellers.state.": SanctionState,
    "sellers.takedown.": ("removed", "refused", "reinstated"),
    "sellers.text.": SanctionState,
    "sellers.trait.": TraitKind,
    "service.cut.": Cut,
    "service.reason.": WaitsFor,
    "service.span.": Span,
    "service.topic.": Topic,
    "second_look.unless_": [
        f"{whose}.{outcome}"
        for whose in ("first", "many")
        for outcome in (Outcome.AWAITING_CONFIRMATION, Outcome.REVIEW)
    ],
}


@cache
def _trees() -> list[tuple[Path, ast.Module]]:
    paths = [*ROOT.glob("bot/**/*.py"), *ROOT.glob("handlers/**/*.py")]
    return [
        (path, ast.parse(path.read_text(encoding="utf-8"))) for path in paths if "sandbox" not in path.parts
    ]


def _messages(language: str) -> Iterator[tuple[Path, Message]]:
    for path in sorted((HOME / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language, abort_invalid=True):
                if message.id:
                    yield path, message


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def _is_key(text: str) -> bool:
    """Keys begin with the name of a capability; beside them only functions are named so, in tables."""
    return bool(KEY.fullmatch(text)) and text.split(".", maxsplit=1)[0] in NAMESPACES


def _in_code() -> Iterator[tuple[str, ast.expr]]:
    """Every string literal and f-string, with where it stands; the pieces of f-strings are not literals."""
    for path, tree in _trees():
        pieces = {
            id(piece) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for piece in node.values
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in pieces:
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def _said() -> set[tuple[str, str]]:
    """Every key that stands in the code as it is, and where."""
    literals = ((node.value, where) for where, node in _in_code() if isinstance(node, ast.Constant))
    return {(text, where) for text, where in literals if isinstance(text, str) and _is_key(text)}


def _functions() -> set[str]:
    """Every function by its module and its name: tables of what is imported later name them so."""
    return {
        f"{path.stem}.{node.name}"
        for path, tree in _trees()
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def _built() -> set[tuple[str, str]]:
    """The beginning of every key that is put together in the code, and where."""
    beginnings = ((_beginning(node), where) for where, node in _in_code() if isinstance(node, ast.JoinedStr))
    return {(text, where) for text, where in beginnings if _is_key(text.rstrip(".") + ".x")}


def _beginning(text: ast.JoinedStr) -> str:
    first = text.values[0] if text.values else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


ENGLISH = [_key(message) for _, message in _messages("en")]
NAMESPACES = {key.split(".")[0] for key in ENGLISH}


def test_every_key_that_is_asked_for_exists() -> None:
    known = {*ENGLISH, *_functions()}
    assert sorted((key, where) for key, where in _said() if key not in known) == []


def test_every_key_that_is_put_together_belongs_to_a_family() -> None:
    assert sorted((beginning, where) for beginning, where in _built() if beginning not in FAMILIES) == []


def test_every_member_of_a_family_exists() -> None:
    members = {beginning + end for beginning, ends in FAMILIES.items() for end in ends}
    assert sorted(members - set(ENGLISH)) == []


def test_every_key_is_used() -> None:
    said = {key for key, _ in _said()}
    built = {beginning + end for beginning, _ in _built() for end in FAMILIES.get(beginning, ())}
    assert sorted(set(ENGLISH) - said - built) == []


@pytest.mark.parametrize("language", languages())
def test_no_key_is_said_twice(language: str) -> None:
    said = Counter(_key(message) for _, message in _messages(language))
    assert [key for key, times in said.items() if times > 1] == []


@pytest.mark.parametrize("language", languages())
def test_every_key_is_plain_and_has_a_sentence(language: str) -> None:
    wrong = [
        f"{path.name}: {_key(message)}"
        for path, message in _messages(language)
        if not KEY.fullmatch(_key(message)) or not all(_forms(message))
    ]
    assert wrong == []


@pytest.mark.parametrize("language", languages())
def test_placeholders_are_plain_names_and_agree_across_forms_and_languages(language: str) -> None:
    english = {_key(message): _placeholders(message) for _, message in _messages("en")}
    wrong = []
    for path, message in _messages(language):
        names = _placeholders(message)
        plain = all(re.fullmatch(r"[a-z_]+", name) for name in names)
        agree = all(_names(form) | {"n"} == names | {"n"} for form in _forms(message))
        if not (plain and agree and names | {"n"} == english.get(_key(message), set()) | {"n"}):
            wrong.append(f"{path.name}: {_key(message)} {sorted(names)}")
    assert wrong == []


def _placeholders(message: Message) -> set[str]:
    return set().union(*(_names(form) for form in _forms(message)))


def _names(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("language", languages())
def test_every_language_says_everything(language: str) -> None:
    said = {_key(message) for _, message in _messages(language)}
    assert sorted(set(ENGLISH) ^ said) == []
