"""The pages of App Home about companies: how they stand, and who and what they are."""

from collections import defaultdict

from sqlmodel import col, select

from bot.enforcement.access import Operation, Subject, may, tenants
from bot.enforcement.own_figures import figures
from bot.enforcement.service_levels import own_month
from bot.enforcement.standing import in_force
from bot.enforcement.standing_rules import outlook, window_start
from handlers.blocks.home_pages import (
    HOLDERS_PAGE,
    MANAGED_PAGE,
    STANDINGS_PAGE,
    CompanyPage,
    CompanyPart,
    FiguresPage,
    StandingPart,
)
from handlers.drawn.home_reader import Reader
from storage.queries import account_managers, product_lines, rights, roster, standing
from storage.records.account_managers import NOBODY, Managed
from storage.records.product_lines import ProductLine
from storage.records.roster import RightsHolder, Role

FIGURE_DAYS = (7, 28)
_OVERSEEING = {Role.PLATFORM_STAFF, Role.ADMINISTRATOR}


def figures_page(reader: Reader) -> FiguresPage:
    """Standing and its forecast, service levels, and one's own counts."""
    oversees = bool(reader.roles & _OVERSEEING)
    session, wanted, now = reader.session, reader.wanted, reader.now
    if not wanted.holder_ids:
        of_all = may(session, reader.actor, Operation.READ_PLATFORM_DIGEST, Subject("digest"))
        counts = figures(session, None, now, reader.calendar.zone, FIGURE_DAYS) if of_all else ()
        return FiguresPage(figures=counts, oversees=oversees, of_all=of_all)
    page = reader.page_of("standings")
    seen = reader.among(Operation.VIEW_STANDING)
    ordered = [holder_id for holder_id in wanted.holder_ids if holder_id in seen]
    shown = _holders(reader, ordered[page * STANDINGS_PAGE : (page + 1) * STANDINGS_PAGE])
    rule = in_force(session).rule
    windows = standing.windows(session, [each.id for each in shown], window_start(now.date(), rule))
    return FiguresPage(
        [
            StandingPart(
                each,
                windows[each.id],
                rule,
                outlook(each.standing, each.standing_until, windows[each.id], rule, now.date()),
            )
            for each in shown
        ],
        len(ordered),
        page,
        own_month(session, wanted.holder_ids, now, reader.calendar),
        figures(session, wanted.brand_ids, now, reader.calendar.zone, FIGURE_DAYS),
        wanted.one_brand,
        bool(reader.among(Operation.EXPORT_CASES)),
        oversees,
    )


def company_page(reader: Reader) -> CompanyPage:
    """The companies on whose rosters one is, or those for whom one answers at the platform."""
    session, page = reader.session, reader.page_of("holders")
    own = reader.own()
    shown = own[page * HOLDERS_PAGE : (page + 1) * HOLDERS_PAGE]
    chosen = reader.portal.holder_id if reader.portal else ""
    represented = account_managers.of(session, chosen) if chosen and chosen not in own else None
    on_team = Role.PLATFORM_STAFF in reader.roles
    turned = reader.page_of("managed")
    return CompanyPage(
        _parts(reader, shown) if shown else (),
        len(own),
        page,
        represented,
        _managed(reader, turned) if on_team else None,
        turned,
        account_managers.away_until(session, reader.person.id, reader.now) if on_team else None,
    )


def _managed(reader: Reader, page: int) -> tuple[int, list[Managed]]:
    skipped = page * MANAGED_PAGE
    return account_managers.managed_by(reader.session, reader.person.id, limit=MANAGED_PAGE, offset=skipped)


def _parts(reader: Reader, holder_ids: list[str]) -> list[CompanyPart]:
    session = reader.session
    members = roster.members(session, holder_ids)
    owned = rights.of_holders(session, holder_ids)
    brands = roster.brands_of(session, holder_ids)
    pairs = account_managers.of_many(session, holder_ids)
    managed = tenants(session, reader.actor, Operation.MANAGE_ROSTER)
    registered = tenants(session, reader.actor, Operation.REGISTER_RIGHT)
    lines: dict[str, list[ProductLine]] = defaultdict(list)
    for line in product_lines.of_brands(session, [each.brand.id for each in brands]):
        lines[line.brand_id].append(line)
    return [
        CompanyPart(
            holder,
            pairs.get(holder.id, NOBODY),
            members.get(holder.id, []),
            [right for right in owned if right.holder_id == holder.id],
            [each for each in brands if each.brand.holder_id == holder.id],
            lines,
            manages=holder.id in managed,
            registers=holder.id in registered,
        )
        for holder in _holders(reader, holder_ids)
    ]


def _holders(reader: Reader, holder_ids: list[str]) -> list[RightsHolder]:
    """These rights holders, in the order given."""
    found = reader.session.exec(select(RightsHolder).where(col(RightsHolder.id).in_(holder_ids))).all()
    by_id = {each.id: each for each in found}
    return [by_id[each] for each in holder_ids if each in by_id]
