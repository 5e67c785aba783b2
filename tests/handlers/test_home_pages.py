"""App Home's pages for every kind of reader: what each sees, that Slack would take it, how it grows."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from bot.enforcement import account_managers, approvals, home, people, roster
from bot.enforcement.access import Denied
from bot.enforcement.approvals import ActName
from bot.sandbox.limits import check_view
from bot.words.catalogue import words_for
from handlers.drawn.home import draw_home, draw_own_home, find_portals
from handlers.ids import HomeId, HomePage
from storage.engine import Store
from storage.records.home import NoticeFilter
from storage.records.outbox import OutboxRow
from tests.enforcement.alliance import NOW, Alliance, who
from tests.handlers.home_world import add_brand, client_of, fill, grow, with_profiles
from tests.office import texts
from tests.statements import everything_sent

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def alliance(sqlite_store: Store) -> Alliance:
    return with_profiles(sqlite_store)


def look(alliance: Alliance, name: str, page: HomePage | None = None, **chosen: Any) -> dict[str, Any]:
    """What somebody sees after they chose a page; Slack would take it."""
    if page or chosen:
        alliance.do(home.choose, name, page=page.value if page else None, **chosen)
    view = alliance.store.read_sync(draw_own_home, who(name), NOW)
    check_view(view)
    assert len(view["blocks"]) <= 100
    return view


def offered(view: dict[str, Any]) -> set[str]:
    """The action ids that a view has."""
    return {
        element["action_id"]
        for block in view["blocks"]
        for element in [*block.get("elements", []), block.get("accessory", {})]
        if "action_id" in element
    }


TABS = {
    "lena": "now notices figures company groups help",
    "emil": "now notices figures company groups help",
    "tess": "now notices figures company groups help",
    "olga": "now notices figures company groups help",
    "pia": "now figures company help",
    "ada": "now figures help",
    "hugo": "now notices figures company groups help",
    "greta": "",
    "nobody": "",
}


def test_every_reader_has_their_pages_and_each_of_them_can_be_drawn(alliance: Alliance) -> None:
    for name, pages in TABS.items():
        tabs = {f"home_tab_{page}" for page in pages.split()}
        shown = {each for each in offered(look(alliance, name)) if each.startswith("home_tab_")}
        assert shown == tabs, name
        for page in HomePage:
            view = look(alliance, name, page)
            chosen = [
                element["value"]
                for block in view["blocks"]
                for element in block.get("elements", [])
                if element.get("style") == "primary" and element["action_id"].startswith("home_tab_")
            ]
            assert chosen == ([page] if page in pages.split() else ["now"] if tabs else []), name


EMPTY: list[tuple[str, HomePage, list[str], str, list[str]]] = [
    (
        "emil",
        HomePage.NOW,
        ["expert at Nordlys", "Nothing waits for you"],
        "home_file_notice queue_open talk_open",
        [],
    ),
    ("lena", HomePage.NOW, ["First steps"], "", ["Administration", "without a brand"]),
    ("lena", HomePage.NOTICES, ["No notice is open"], "home_filter", []),
    ("lena", HomePage.FIGURES, ["Nordlys", "standing"], "office_go export_open", ["Halden", "Tansy"]),
    (
        "lena",
        HomePage.COMPANY,
        ["<@UPIA>", "<@UEMIL>", "No rights yet"],
        "home_manage_roster home_register_right",
        ["Halden"],
    ),
    ("emil", HomePage.COMPANY, ["<@UPIA>", "<@ULENA>"], "", ["Manage roster"]),
    ("olga", HomePage.COMPANY, ["Glen"], "home_choose", ["<@UTESS>"]),
    ("hugo", HomePage.COMPANY, ["the platform's whole team answers"], "", ["Nordlys"]),
    ("hugo", HomePage.GROUPS, ["Shoes"], "", []),
    (
        "pia",
        HomePage.NOW,
        ["Every request has found its brand"],
        "talk_open",
        ["Administration", "home_file_notice"],
    ),
    ("pia", HomePage.COMPANY, ["Nordlys", "Companies you answer for"], "home_away", ["Halden"]),
    ("pia", HomePage.FIGURES, ["All brands together", "pages of their own"], "service_open office_go", []),
    ("ada", HomePage.NOW, ["Nothing waits for an administrator"], "office_go", ["Nordlys"]),
    ("greta", HomePage.NOW, ["You are a guest here"], "", ["Nordlys"]),
    ("nobody", HomePage.NOW, ["You are on no roster yet", "<@UADA>"], "home_help", ["Nordlys"]),
]


def test_an_empty_alliance_says_to_each_what_there_is_to_do(alliance: Alliance) -> None:
    for name, page, says, offers, hides in EMPTY:
        view = look(alliance, name, page)
        for sentence in says:
            assert sentence in texts(view), (name, page)
        assert set(offers.split()) <= offered(view), (name, page)
        for sentence in hides:
            assert sentence not in texts(view), (name, page)


def test_everything_that_waits_stands_by_urgency_and_nothing_of_anybody_else(store: Store) -> None:
    alliance = with_profiles(store)
    fill(alliance, "nordlys", 1)
    fill(alliance, "halden", 1, prefix="Rival")
    shown = texts(look(alliance, "lena"))
    for sentence in (
        "waits for an answer",
        "asks for more about notice",
        "starts its takedowns when a second person",
        "get a sample",
        "expires on",
        "A draft with",
        "A warning concerns you",
        "removed: ",
        "answered Genuine",
        ": Acted on",
    ):
        assert sentence in shown, sentence
    assert "Rival" not in shown
    assert shown.index("A warning") < shown.index("waits for an answer") < shown.index("expires on")
    figures = texts(look(alliance, "lena", HomePage.FIGURES))
    assert "Last 7 days" in figures
    # The platform's team reads what all did together; who administers the alliance does not.
    assert "Last 7 days" in texts(look(alliance, "pia", HomePage.FIGURES))
    assert "Last 7 days" not in texts(look(alliance, "ada", HomePage.FIGURES))
    assert "Answers: 0 fake, 1 genuine, 0 other" in figures
    assert "1 takedown, 1 removed" in figures


TURNED = [
    *((page, "", 0) for page in HomePage),
    *((HomePage.NOTICES, which, 2) for which in NoticeFilter),
    (HomePage.NOW, "unrouted", 6),
    (HomePage.FIGURES, "standings", 9),
    (HomePage.COMPANY, "holders", 30),
    (HomePage.COMPANY, "managed", 1),
    (HomePage.NOTICES, "", 999),
]


def test_a_huge_account_stays_within_slacks_limits_on_every_page(alliance: Alliance) -> None:
    fill(alliance, "nordlys", 40)
    grow(alliance, 130)
    alliance.do(approvals.ask, "ada", ActName.CREATE_KEY, {"client_id": client_of(alliance)})
    for page, which, number in TURNED:
        view = look(alliance, "lena", page, which=which, list_page=number)
        assert len(str(view)) < 250_000
    first = texts(look(alliance, "lena", HomePage.NOW, which="", list_page=0))
    assert "Page 1 of 4, 40 in all" in first
    assert "Page 1 of 7, 40 in all" in first
    last = look(alliance, "lena", which="requests", list_page=3)
    assert "Page 4 of 4" in texts(last)
    assert "Page 1 of 7" in texts(last), "the other list stays where it was"


def test_of_more_companies_than_a_list_holds_one_is_found_by_typing(alliance: Alliance) -> None:
    grow(alliance, 130)
    chooser = next(
        block["accessory"]
        for block in look(alliance, "lena")["blocks"]
        if block.get("accessory", {}).get("action_id") == HomeId.CHOOSE
    )
    assert chooser["type"] == "external_select"
    options = alliance.store.read_sync(find_portals, who("lena"), "")
    assert len(options) == 100
    (one,) = alliance.store.read_sync(find_portals, who("lena"), " company 077")
    view = look(alliance, "lena", HomePage.FIGURES, scope_id=one["value"])
    assert "Company 077" in texts(view)
    assert "Company 078" not in texts(view)
    assert alliance.store.read_sync(find_portals, who("hugo"), "company") == []


def test_one_brand_of_several_shows_its_own_cases_and_says_whose_figures_are_shown(
    alliance: Alliance,
) -> None:
    second = alliance.store.run_sync(add_brand, alliance.holders["nordlys"], "Nordlys Kids")
    fill(alliance, "nordlys", 2)
    fill(alliance, "nordlys", 3, brand_id=second, prefix="Kids")
    both = texts(look(alliance, "lena"))
    assert "Runner" in both
    assert "Kids" in both
    only = texts(look(alliance, "lena", scope_id=second))
    assert "Kids 2 " in only
    assert "Runner 0" not in only
    assert "those of the whole company" in texts(look(alliance, "lena", HomePage.FIGURES))
    assert "Runner 0" in texts(look(alliance, "lena", HomePage.NOW, scope_id=""))


@pytest.mark.parametrize("scope", ["halden", "nobody's", "left"])
def test_a_choice_of_what_is_not_theirs_shows_all_of_their_own(alliance: Alliance, scope: str) -> None:
    fill(alliance, "nordlys", 1)
    fill(alliance, "halden", 1, prefix="Rival")
    chosen = alliance.holders.get(scope, scope)
    view = texts(look(alliance, "emil", HomePage.NOW, scope_id=chosen))
    assert "Runner 0" in view
    assert "Rival" not in view
    if scope == "left":
        alliance.do(home.choose, "emil", scope_id=alliance.holders["nordlys"])
        alliance.do(roster.remove_person, "lena", alliance.holders["nordlys"], alliance.person("emil"))
        assert "You are on no roster yet" in texts(look(alliance, "emil"))


def test_an_officer_sees_a_members_cases_and_not_its_people(alliance: Alliance) -> None:
    fill(alliance, "tansy", 1)
    tansy = alliance.holders["tansy"]
    assert "Runner 0" in texts(look(alliance, "olga", HomePage.NOW, scope_id=tansy))
    company = texts(look(alliance, "olga", HomePage.COMPANY))
    assert "You represent this company" in company
    assert "<@UTESS>" not in company


def test_a_choice_is_kept_while_somebody_looks_and_forgotten_after(alliance: Alliance) -> None:
    alliance.do(people.open_home, "lena")
    look(alliance, "lena", HomePage.COMPANY)
    drawn: Callable[..., Any] = draw_home

    def title(minutes: int) -> str:
        view = alliance.store.read_sync(drawn, "ULENA", words_for("en"), NOW + minutes * HOUR / 60)
        return "Company" if "<@UEMIL>" in texts(view) else "Now"

    assert title(14) == "Company"
    alliance.do(people.open_home, "lena", now=NOW + HOUR / 4)
    assert title(16) == "Company", "looking again within the quarter keeps it"
    alliance.do(people.open_home, "lena", now=NOW + HOUR)
    assert title(61) == "Now"


def test_nobody_whom_the_bot_has_not_met_chooses_anything(alliance: Alliance) -> None:
    with pytest.raises(Denied):
        alliance.do(home.choose, "stranger", page="now")


def test_the_number_of_queries_does_not_grow_with_the_account(alliance: Alliance) -> None:
    fill(alliance, "nordlys", 1)
    grow(alliance, 1)
    few = {page: statements(alliance, page) for page in HomePage}
    fill(alliance, "nordlys", 30, prefix="More")
    grow(alliance, 30, first=1)
    many = {page: statements(alliance, page) for page in HomePage}
    assert many == few
    assert max(many.values()) <= 40, many


def statements(alliance: Alliance, page: HomePage) -> int:
    """How many statements one page takes."""
    alliance.do(home.choose, "lena", page=page.value)
    with everything_sent() as sent:
        alliance.store.read_sync(draw_own_home, who("lena"), NOW)
    return len(sent)


def test_a_burst_of_changes_leaves_one_publish_waiting_and_none_for_who_is_not_looking(store: Store) -> None:
    alliance = with_profiles(store)
    alliance.do(people.open_home, "lena")
    alliance.do(people.open_home, "emil", now=NOW - HOUR)
    store.run_sync(settle)
    for number in range(50):
        later = NOW + timedelta(milliseconds=20 * number)
        alliance.do(account_managers.name, "ada", alliance.holders["nordlys"], "UPIA", now=later)
        store.run_sync(account_managers._tell, [alliance.holders["nordlys"]], [], later)
    waiting = [row for row in alliance.all(OutboxRow, kind="home") if row.state == "ready"]
    assert [row.subject_id for row in waiting] == ["ULENA"]
    assert waiting[0].next_try > NOW, "what comes within two seconds is shown together"


def settle(session: Session) -> None:
    for row in session.exec(select(OutboxRow)).all():
        session.delete(row)
