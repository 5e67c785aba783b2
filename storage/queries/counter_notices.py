"""Finding counter-notices: by the platform's id, by takedown, by what is due, and whole, for a card."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select, union
from sqlmodel import Session, SQLModel, col
from sqlmodel import select as of

from storage.columns import new_id
from storage.prepared import Changing, at_most, blank, inserting, prepared, row_type
from storage.queries import evidence
from storage.records.authenticity import AuthenticityRequest, Verdict
from storage.records.channels import ChannelBinding, ChannelPurpose
from storage.records.counter_notice_sheets import (
    CounterNoticeLine,
    CounterNoticeSheet,
    GivenAnswer,
    NoticeRemoval,
)
from storage.records.counter_notices import (
    BRANDS_TURN,
    LIVE,
    CounterNotice,
    CounterNoticeAnswer,
    CounterNoticePaper,
    CounterNoticeStep,
    CounterState,
)
from storage.records.home import Place
from storage.records.listings import Listing, Seller
from storage.records.messages import DrawnMessage
from storage.records.notices import ItemState, Notice, NoticeItem, NoticeState
from storage.records.platform import PlatformClient
from storage.records.roster import Brand, Person
from storage.records.takedowns import OPEN_TAKEDOWN, CauseKind, Takedown, TakedownCause, TakedownState

CARD = "counter_notice_card"
MOST_AT_ONCE = 200

_TABLES = SQLModel.metadata.tables
_BRAND = _TABLES[str(Brand.__tablename__)]
_CAUSE = _TABLES[str(TakedownCause.__tablename__)]
_ANSWER = _TABLES[str(CounterNoticeAnswer.__tablename__)]
_CHANNEL = _TABLES[str(ChannelBinding.__tablename__)]
_COUNTER = _TABLES[str(CounterNotice.__tablename__)]
_DRAWN = _TABLES[str(DrawnMessage.__tablename__)]
_ITEM = _TABLES[str(NoticeItem.__tablename__)]
_LISTING = _TABLES[str(Listing.__tablename__)]
_NOTICE = _TABLES[str(Notice.__tablename__)]
_PAPER = _TABLES[str(CounterNoticePaper.__tablename__)]
_STEP = _TABLES[str(CounterNoticeStep.__tablename__)]
_REQUEST = _TABLES[str(AuthenticityRequest.__tablename__)]
_TAKEDOWN = _TABLES[str(Takedown.__tablename__)]
_VERDICT = _TABLES[str(Verdict.__tablename__)]


_BY_EXTERNAL_ID = prepared(
    select(_COUNTER).where(
        _COUNTER.c.client_id == bindparam("client"), _COUNTER.c.external_id == bindparam("external")
    )
)
_OBJECTED_TO = prepared(
    select(_COUNTER.c.takedown_id, _ITEM.c.notice_id)
    .outerjoin(_ITEM, _ITEM.c.id == _COUNTER.c.notice_item_id)
    .where(_COUNTER.c.id == bindparam("counter"))
)
_STEP_OF = prepared(
    select(_STEP.c.id).where(
        _STEP.c.counter_notice_id == bindparam("counter"), _STEP.c.step_key == bindparam("key")
    )
)
_UNSAID, _UNSAID_OF_ANSWER = blank(CounterNotice), blank(CounterNoticeAnswer)
_NEW = inserting(_COUNTER, "client_id", "external_id", back=[_COUNTER.c.id])
_NEW_PAPER, _NEW_STEP, _NEW_ANSWER = inserting(_PAPER), inserting(_STEP), inserting(_ANSWER)
_CHANGE, _CHANGE_ANSWER = Changing(_COUNTER), Changing(_ANSWER)
_BY_ID = select(_COUNTER).where(_COUNTER.c.id == bindparam("counter"))
_READ, _LOCK = prepared(_BY_ID), prepared(_BY_ID.with_for_update())
_ITEM_BY_ID = prepared(select(_ITEM).where(_ITEM.c.id == bindparam("item")))
_BRAND_NAME = prepared(select(_BRAND.c.name).where(_BRAND.c.id == bindparam("brand")))
_ANSWER_OF = prepared(
    select(_ANSWER).where(
        _ANSWER.c.counter_notice_id == bindparam("counter"), _ANSWER.c.round == bindparam("round")
    )
)
_IN_ORDER = select(_COUNTER).order_by(_COUNTER.c.received_at, _COUNTER.c.id)
_OF_TAKEDOWN = _IN_ORDER.where(_COUNTER.c.takedown_id == bindparam("takedown"))
_AGAINST, _LOCK_AGAINST = prepared(_OF_TAKEDOWN), prepared(_OF_TAKEDOWN.with_for_update())
_AGAINST_ITEM = prepared(_IN_ORDER.where(_COUNTER.c.notice_item_id == bindparam("item")))
_ASKED_BY_ITEM = prepared(
    select(_TAKEDOWN.c.id)
    .join(_CAUSE, _CAUSE.c.takedown_id == _TAKEDOWN.c.id)
    .where(
        _CAUSE.c.kind == CauseKind.NOTICE_ITEM,
        _CAUSE.c.subject_id == bindparam("item"),
        _CAUSE.c.withdrawn_at.is_(None),
        _TAKEDOWN.c.state.in_((*OPEN_TAKEDOWN, TakedownState.REMOVED)),
    )
)
_TAKEN_DOWN = prepared(
    select(_TAKEDOWN.c.id)
    .where(_TAKEDOWN.c.listing_id == bindparam("listing"), _TAKEDOWN.c.state == TakedownState.REMOVED)
    .limit(at_most(1))
)
_ALSO_REMOVED = prepared(
    select(_ITEM.c.id)
    .join(_NOTICE, _NOTICE.c.id == _ITEM.c.notice_id)
    .where(
        _ITEM.c.listing_id == bindparam("listing"),
        _ITEM.c.state == ItemState.REMOVED,
        _ITEM.c.upheld_on.is_(None),
        _ITEM.c.id != bindparam("item"),
        _NOTICE.c.state != NoticeState.WITHDRAWN,
    )
    .limit(at_most(1))
)
_CAUSES = prepared(
    select(
        _CAUSE.c.holder_id,
        _REQUEST.c.id.label("request_id"),
        _REQUEST.c.brand_id.label("request_brand_id"),
        _NOTICE.c.id.label("notice_id"),
        _NOTICE.c.brand_id.label("notice_brand_id"),
        _NOTICE.c.decided_at.label("notice_decided_at"),
        _ITEM.c.id.label("item_id"),
        _ITEM.c.state.label("item_state"),
    )
    .outerjoin(_VERDICT, and_(_VERDICT.c.id == _CAUSE.c.subject_id, _CAUSE.c.kind == CauseKind.VERDICT))
    .outerjoin(_REQUEST, _REQUEST.c.id == _VERDICT.c.request_id)
    .outerjoin(_ITEM, and_(_ITEM.c.id == _CAUSE.c.subject_id, _CAUSE.c.kind == CauseKind.NOTICE_ITEM))
    .outerjoin(_NOTICE, _NOTICE.c.id == _ITEM.c.notice_id)
    .where(_CAUSE.c.takedown_id == bindparam("takedown"), _CAUSE.c.withdrawn_at.is_(None))
    .order_by(_CAUSE.c.at, _CAUSE.c.id)
)


def by_external_id(session: Session, client_id: str, external_id: str) -> Any | None:
    """A client's counter-notice by its own id, as it was last written."""
    return _BY_EXTERNAL_ID.first(session, {"client": client_id, "external": external_id})


def objected_to(session: Session, counter_id: str) -> tuple[str | None, str] | None:
    """What a counter-notice objects to, which is locked first: a takedown's id, else that of a notice."""
    found = _OBJECTED_TO.first(session, {"counter": counter_id})
    return (found.takedown_id, found.notice_id or "") if found else None


def item(session: Session, item_id: str) -> Any | None:
    """An item of a notice as it was last written. Its notice is what is locked where one is to be changed."""
    return _ITEM_BY_ID.first(session, {"item": item_id})


def takedown_of_item(session: Session, item_id: str) -> str | None:
    """The takedown that a notice's item still asks for, while it may stand for the removal."""
    found = _ASKED_BY_ITEM.first(session, {"item": item_id})
    return found.id if found else None


def removed_otherwise(session: Session, item: Any) -> bool:
    """Whether a listing stays down for something else: a takedown, or another notice that removed it."""
    asked = {"listing": item.listing_id, "item": item.id}
    return any(each.first(session, asked) is not None for each in (_TAKEN_DOWN, _ALSO_REMOVED))


def find(session: Session, counter_id: str) -> Any | None:
    """A counter-notice as it was last written."""
    return _READ.first(session, {"counter": counter_id})


def locked(session: Session, counter_id: str) -> Any | None:
    """As `find`, locked until the end of the unit. Lock its takedown before it."""
    return _LOCK.first(session, {"counter": counter_id})


def change(session: Session, counter: Any, **values: Any) -> Any:
    """Write new values into a counter-notice that the caller has locked; its row as it is now."""
    return _CHANGE.change(session, counter, **values)


def against_item(session: Session, item_id: str) -> Sequence[Any]:
    """All counter-notices against what was removed on a notice by the marketplace itself, oldest first."""
    return _AGAINST_ITEM.rows(session, {"item": item_id})


def against(session: Session, takedown_id: str, *, lock: bool = False) -> Sequence[Any]:
    """All counter-notices against a takedown, the oldest first; locked until the end of the unit if asked."""
    return (_LOCK_AGAINST if lock else _AGAINST).rows(session, {"takedown": takedown_id})


def causes(session: Session, takedown_id: str) -> Sequence[Any]:
    """Who asks for a takedown now: holder, brand, and the request or notice as the platform knows it."""
    return _CAUSES.rows(session, {"takedown": takedown_id})


def removal_of_notice(session: Session, notice_id: str) -> NoticeRemoval:
    """When the last of a notice's listings that are down now was removed, and what their sellers object."""
    caused = and_(_CAUSE.c.subject_id == _ITEM.c.id, _CAUSE.c.kind == CauseKind.NOTICE_ITEM)
    # A cause that a counter-notice ended asks no longer; what was removed then is the marketplace's own.
    stands = or_(_CAUSE.c.id.is_(None), _TAKEDOWN.c.state == TakedownState.REMOVED)
    down = (
        select(func.max(func.coalesce(_TAKEDOWN.c.removed_at, _NOTICE.c.decided_at)))
        .select_from(
            _ITEM.join(_NOTICE, _NOTICE.c.id == _ITEM.c.notice_id)
            .outerjoin(_CAUSE, caused)
            .outerjoin(_TAKEDOWN, _TAKEDOWN.c.id == _CAUSE.c.takedown_id)
        )
        .where(_ITEM.c.notice_id == notice_id, _ITEM.c.state == ItemState.REMOVED, stands)
    )
    own = select(_COUNTER.c.id, _COUNTER.c.state).join(_ITEM, _ITEM.c.id == _COUNTER.c.notice_item_id)
    ours = (
        select(_COUNTER.c.id, _COUNTER.c.state)
        .join(_CAUSE, _CAUSE.c.takedown_id == _COUNTER.c.takedown_id)
        .join(_ITEM, caused)
        .where(_CAUSE.c.holder_id == _COUNTER.c.holder_id)
    )
    of_notice = _ITEM.c.notice_id == notice_id
    against = union(own.where(of_notice), ours.where(of_notice)).subquery()
    counted = select(against.c.state, func.count()).group_by(against.c.state)
    connection = session.connection()
    by_state: dict[CounterState, int] = {row[0]: row[1] for row in connection.execute(counted)}
    return NoticeRemoval(
        removed_at=connection.execute(down).scalar_one(),
        objections=sum(number for state, number in by_state.items() if state in LIVE),
        upheld=by_state.get(CounterState.UPHELD, 0),
    )


_DUE = prepared(
    select(_COUNTER.c.id)
    .where(_COUNTER.c.next_at.is_not(None), _COUNTER.c.next_at <= bindparam("now"))
    .order_by(_COUNTER.c.next_at)
    .limit(at_most(MOST_AT_ONCE))
)


def due(session: Session, now: datetime) -> Sequence[str]:
    """The ids of those whose next moment has come, the earliest first; `MOST_AT_ONCE` at most."""
    return [row.id for row in _DUE.rows(session, {"now": now})]


def undecided_of_brand(session: Session, brand_id: str) -> Sequence[str]:
    """The ids of a brand's counter-notices that are not decided."""
    return session.exec(
        of(CounterNotice.id)
        .join(Brand, col(Brand.id) == col(CounterNotice.brand_id))
        .where(
            col(CounterNotice.holder_id) == col(Brand.holder_id),
            col(CounterNotice.state).in_(LIVE),
            col(Brand.id) == brand_id,
        )
    ).all()


def answer(session: Session, counter: Any) -> Any | None:
    """The brand's answer in the present round, as it was last written."""
    return _ANSWER_OF.first(session, {"counter": counter.id, "round": counter.round})


def insert_answer(session: Session, counter: Any, **said: Any) -> Any:
    """Keep the brand's answer in the present round; its row."""
    row = {
        **_UNSAID_OF_ANSWER,
        "id": new_id(),
        "counter_notice_id": counter.id,
        "round": counter.round,
        **said,
    }
    _NEW_ANSWER.rows(session, row)
    return row_type(_ANSWER)(**row)


def change_answer(session: Session, given: Any, **values: Any) -> Any:
    """Write new values into the answer to a counter-notice that the caller has locked; its row now."""
    return _CHANGE_ANSWER.change(session, given, **values)


def insert(session: Session, papers: Sequence[Mapping[str, Any]], **said: Any) -> Any | None:
    """Keep a new counter-notice with its papers; its row, or None where the client used its id before."""
    row = row_type(_COUNTER)(**{**_UNSAID, "id": new_id(), **said})
    if _NEW.first(session, row._asdict()) is None:
        return None
    kept = [
        {**paper, "id": new_id(), "counter_notice_id": row.id, "position": position}
        for position, paper in enumerate(papers)
    ]
    _NEW_PAPER.each(session, kept)
    return row


def insert_step(session: Session, counter_id: str, key: str, **said: Any) -> str:
    """Keep one step of a counter-notice; its id."""
    step_id = new_id()
    _NEW_STEP.rows(session, {"id": step_id, "counter_notice_id": counter_id, "step_key": key, **said})
    return step_id


def brand_name(session: Session, brand_id: str) -> str:
    """The name of a brand."""
    return str(_BRAND_NAME.rows(session, {"brand": brand_id})[0].name)


def step(session: Session, counter_id: str, step_key: str) -> str | None:
    """The id of the step that a report, or a tick, with this key became."""
    found = _STEP_OF.first(session, {"counter": counter_id, "key": step_key})
    return found.id if found else None


def sheet(session: Session, counter_id: str) -> CounterNoticeSheet | None:
    """A counter-notice with all that its card shows."""
    row = session.exec(
        of(CounterNotice, Brand, Listing, PlatformClient)
        .join(Brand, col(Brand.id) == col(CounterNotice.brand_id))
        .join(Listing, col(Listing.id) == col(CounterNotice.listing_id))
        .join(PlatformClient, col(PlatformClient.id) == col(CounterNotice.client_id))
        .where(col(CounterNotice.id) == counter_id)
    ).first()
    if row is None:
        return None
    counter, brand, listing, client = row
    seller = session.get(Seller, counter.seller_id) if counter.seller_id else None
    papers = session.exec(
        of(CounterNoticePaper)
        .where(col(CounterNoticePaper.counter_notice_id) == counter_id)
        .order_by(col(CounterNoticePaper.position))
    ).all()
    given = _given(session, counter)
    return CounterNoticeSheet(
        counter, brand, listing, seller, client, papers, given, _removal(session, counter)
    )


def open_of(session: Session, holder_ids: Collection[str], *, limit: int) -> list[CounterNoticeLine]:
    """Those that these rights holders have still to answer, the nearest due time first."""
    lines = (
        select(
            _COUNTER.c.id,
            _BRAND.c.name.label("brand"),
            _LISTING.c.title,
            _COUNTER.c.state,
            _COUNTER.c.due_at,
            _DRAWN.c.channel_id,
            _DRAWN.c.ts,
        )
        .join(_BRAND, _BRAND.c.id == _COUNTER.c.brand_id)
        .join(_LISTING, _LISTING.c.id == _COUNTER.c.listing_id)
        .outerjoin(
            _CHANNEL,
            and_(
                _CHANNEL.c.scope_id == _COUNTER.c.brand_id,
                _CHANNEL.c.purpose == ChannelPurpose.BRAND,
                _CHANNEL.c.unbound_at.is_(None),
            ),
        )
        .outerjoin(
            _DRAWN,
            and_(
                _DRAWN.c.kind == CARD,
                _DRAWN.c.subject_id == _COUNTER.c.id,
                _DRAWN.c.place == _CHANNEL.c.channel_id,
            ),
        )
        .where(_COUNTER.c.holder_id.in_(holder_ids), _COUNTER.c.state.in_(BRANDS_TURN))
        .order_by(_COUNTER.c.due_at, _COUNTER.c.id)
        .limit(limit)
    )
    return [
        CounterNoticeLine(
            row.id, row.brand, row.title, row.state, row.due_at, Place(row.channel_id or "", row.ts or "")
        )
        for row in session.connection().execute(lines)
    ]


def _removal(session: Session, counter: CounterNotice) -> TakedownState:
    """How the removal stands, in the words of a takedown where the marketplace removed it by itself."""
    if counter.takedown_id is not None:
        return session.get_one(Takedown, counter.takedown_id).state
    item = session.get_one(NoticeItem, counter.notice_item_id)
    if counter.state is not CounterState.UPHELD or removed_otherwise(session, item):
        return TakedownState.REMOVED
    return TakedownState.REINSTATED if counter.reinstated_at else TakedownState.REINSTATEMENT_REQUESTED


def _given(session: Session, counter: CounterNotice) -> GivenAnswer | None:
    found = answer(session, counter)
    if found is None:
        return None
    second = session.get(Person, found.second_id) if found.second_id else None
    files = evidence.of_answer(session, found.id)
    return GivenAnswer(found, session.get_one(Person, found.person_id), second, files)
