"""Misuse: what is weighed, who proposes and who decides, the right to answer, what a suspension stops."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot.enforcement import approvals, censures, misuse
from bot.enforcement.access import Denied, Suspended
from bot.enforcement.approvals import ActName
from bot.enforcement.limits import Limits
from bot.enforcement.misuse import weigh
from bot.enforcement.refusals import Refused
from bot.enforcement.retractions import retract_verdict
from storage.engine import Store
from storage.records.approvals import Approval
from storage.records.authenticity import Answer, AuthenticityRequest, RequestState, Retraction
from storage.records.misuse import (
    Censure,
    CensureKind,
    CensureState,
    Concentration,
    Ending,
    Figures,
    Unfounded,
)
from storage.records.notices import Notice, NoticeState
from storage.records.roster import RightsHolder, Role, RoleGrant, Standing
from storage.records.takedowns import Takedown, TakedownState
from tests.enforcement.misuse_world import (
    SUSPEND,
    WARN,
    confirm,
    dossier,
    fake,
    founded,
    given,
    person,
    propose,
    reported,
    suspend,
    upheld,
)
from tests.enforcement.request_world import NOW, World, who


@pytest.fixture
def world(store: Store) -> World:
    return founded(store)


def ending(kind: Unfounded, day: int = 1, seller: str = "s", down: int = 0) -> Ending:
    return Ending("p", "h", kind, date(2026, 11, day), seller, down)


@pytest.mark.parametrize(
    ("endings", "acts", "warned", "figures"),
    [
        ([], 0, None, Figures()),
        ([], 12, None, Figures(acts=12)),
        (
            [
                ending(Unfounded.REFUSED),
                ending(Unfounded.RETRACTED, seller="t"),
                ending(Unfounded.UPHELD, down=90_000),
            ],
            30,
            None,
            Figures(acts=30, retracted=1, refused=1, upheld=1, days_down=1, same_seller=2),
        ),
        (
            [ending(Unfounded.REFUSED, day) for day in (1, 5, 6, 7)],
            4,
            date(2026, 11, 5),
            Figures(acts=4, refused=4, after_warning=2, same_seller=4),
        ),
    ],
)
def test_number_share_gravity_and_signs_of_intention(
    endings: list[Ending], acts: int, warned: date | None, figures: Figures
) -> None:
    assert weigh(endings, acts, warned) == figures


def test_the_figures_of_a_person_are_what_became_of_their_acts(world: World) -> None:
    reported(world, fake(world, "1"), "removed")
    reported(world, fake(world, "2"), "refused")
    upheld(world, "3", days=3)
    taken = fake(world, "4")
    reported(world, taken, "removed")
    request = world.one(AuthenticityRequest, listing_id=taken.listing_id)
    world.store.run_sync(retract_verdict, who("ines"), request.id, 1, "oh", now=NOW)
    fake(world, "5")  # nothing is known of it yet
    reported(world, fake(world, "6", "noor"), "refused")
    found = world.store.read_sync(
        misuse.dossier,
        who("ada"),
        world.holders["Nordlys"],
        person(world, "ines"),
        now=NOW + timedelta(days=5),
    )
    assert found.figures == Figures(acts=4, retracted=1, refused=1, upheld=1, days_down=3, same_seller=3)
    whole = dossier(world, "", timedelta(days=5))
    assert (whole.figures.acts, whole.figures.unfounded) == (5, 4)


def test_a_year_later_it_counts_no_more(world: World) -> None:
    reported(world, fake(world, "2"), "refused")
    for days, number in ((364, 1), (366, 0)):
        found = world.store.read_sync(
            misuse.dossier,
            who("ada"),
            world.holders["Nordlys"],
            person(world, "ines"),
            now=NOW + timedelta(days=days),
        )
        assert found.figures.unfounded == number


def seen(world: World, name: str, holder_id: str = "") -> Concentration:
    return world.store.read_sync(
        misuse.concentration, who(name), now=NOW + timedelta(days=5), holder_id=holder_id
    )


def test_who_causes_most_of_what_is_upheld_stands_first(world: World) -> None:
    for item in ("1", "2", "3"):
        upheld(world, item, "noor")
    upheld(world, "4", "ines")
    for item in ("5", "6", "7", "8", "9"):
        reported(world, fake(world, item, "lars"), "refused")
    for name in ("ada", "pia"):
        found = seen(world, name)
        assert [each.person.user_id for each in found.reporters] == ["UNOOR", "UINES", "ULARS"]
        assert [each.figures.upheld for each in found.reporters] == [3, 1, 0]
        assert (found.upheld, found.unfounded, found.people) == (4, 9, 3)
    assert len(seen(world, "lars", world.holders["Nordlys"]).reporters) == 3


@pytest.mark.parametrize("name", ["ines", "petra", "otto", "nobody", "lars"])
def test_nobody_else_sees_everybody_s_reporters(world: World, name: str) -> None:
    with pytest.raises(Denied):
        seen(world, name)
    if name != "lars":
        with pytest.raises(Denied):
            seen(world, name, world.holders["Nordlys"])


def test_a_warning_is_proposed_told_answered_and_decided_by_another(world: World) -> None:
    reported(world, fake(world, "2"), "refused")
    approval_id = propose(world, WARN)
    censure = world.one(Censure)
    assert (censure.state, censure.figures["refused"]) == (CensureState.PROPOSED, 1)
    assert {"drawing": "censure", "subject_id": censure.id, "place": "UINES"} in world.outgoing("draw")
    world.store.run_sync(censures.answer, who("ines"), censure.id, "It was a mix-up", now=NOW)
    with pytest.raises(Refused, match=r"approvals\.own"):
        confirm(world, approval_id, "ada")
    confirm(world, approval_id)
    censure = world.one(Censure)
    assert (censure.state, censure.answer) == (CensureState.IN_FORCE, "It was a mix-up")
    assert world.answer("ines", world.ask("Nordlys", "9")) is not None  # a warning stops nothing


@pytest.mark.parametrize("by", ["lars", "pia", "ada"])
def test_a_lead_the_platform_team_and_administrators_propose_and_only_administrators_decide(
    world: World, by: str
) -> None:
    approval_id = propose(world, WARN, by)
    with pytest.raises(Denied if by != "ada" else Refused):
        confirm(world, approval_id, by)
    confirm(world, approval_id)
    assert world.one(Censure).state is CensureState.IN_FORCE


@pytest.mark.parametrize("by", ["ines", "noor", "otto", "nobody"])
def test_nobody_else_proposes(world: World, by: str) -> None:
    with pytest.raises(Denied):
        propose(world, WARN, by)
    assert world.rows(Censure) == []


def test_a_lead_proposes_nothing_against_another_company(world: World) -> None:
    with pytest.raises(Denied):
        propose(world, WARN, "otto")
    with pytest.raises(Denied):
        world.store.run_sync(
            approvals.ask,
            who("otto"),
            WARN,
            given(world) | {"holder_id": world.holders["Halden"]},
            now=NOW,
        )


def test_a_former_employer_learns_nothing_of_what_came_after_and_cannot_act_on_it(world: World) -> None:
    reported(world, fake(world, "2"), "refused")

    def move(session: Session) -> None:
        grant = session.exec(select(RoleGrant).where(col(RoleGrant.person_id) == person(world, "ines"))).one()
        grant.until = NOW
        session.add(grant)
        session.add(
            RoleGrant(
                person_id=grant.person_id,
                role=Role.EXPERT,
                scope_id=world.holders["Halden"],
                since=NOW,
                granted_by="operator",
            )
        )

    world.change(move)
    at_halden = given(world) | {"holder_id": world.holders["Halden"], "reason": "A secret of Halden"}
    approval = world.store.run_sync(approvals.ask, who("ada"), WARN, at_halden, now=NOW)
    confirm(world, approval)
    ines, nordlys, halden = person(world, "ines"), world.holders["Nordlys"], world.holders["Halden"]
    old = world.store.read_sync(misuse.dossier, who("lars"), nordlys, ines, now=NOW)
    assert (old.figures.acts, old.censures, old.warned) == (1, [], False)
    new = world.store.read_sync(misuse.dossier, who("ada"), halden, ines, now=NOW)
    assert (new.figures.acts, new.warned) == (1, True)  # an administrator sees both companies
    for act in (WARN, SUSPEND):
        with pytest.raises(Denied):
            propose(world, act)


def test_nobody_is_suspended_without_a_warning(world: World) -> None:
    with pytest.raises(Refused, match=r"misuse\.warn_first"):
        propose(world, SUSPEND)
    assert world.rows(Approval) == world.rows(Censure) == []
    approval_id = propose(world, WARN)
    with pytest.raises(Refused, match=r"misuse\.warn_first"):
        propose(world, SUSPEND)  # proposed is not warned
    world.store.run_sync(approvals.decline, who("alan"), approval_id, now=NOW)
    assert world.one(Censure).state is CensureState.DECLINED
    with pytest.raises(Refused, match=r"misuse\.warn_first"):
        propose(world, SUSPEND)


def test_one_warning_is_proposed_at_a_time_whatever_the_reason(world: World) -> None:
    propose(world, WARN)
    with pytest.raises(Refused, match=r"approvals\.asked_already"):
        propose(world, WARN, reason="Another reason")


def test_a_suspended_person_files_and_answers_nothing_until_it_is_lifted(world: World) -> None:
    request_id = world.ask("Nordlys", "1")
    suspend(world)
    for answer in (Answer.FAKE, Answer.GENUINE):
        with pytest.raises(Suspended):
            world.answer("ines", request_id, answer)
    assert world.answer("lars", request_id) is not None
    with pytest.raises(Refused, match=r"misuse\.suspended_already"):
        propose(world, SUSPEND)
    confirm(world, propose(world, ActName.LIFT_SUSPENSION))
    assert world.answer("ines", world.ask("Nordlys", "2")) is not None
    suspension = world.one(Censure, kind=CensureKind.SUSPENSION)
    assert (suspension.state, suspension.lifted_at) == (CensureState.LIFTED, NOW)
    with pytest.raises(Refused, match=r"misuse\.not_suspended"):
        propose(world, ActName.LIFT_SUSPENSION)


def test_a_suspended_person_is_nobody_s_second_person(world: World) -> None:
    def end(session: Session) -> None:
        grant = session.get_one(RoleGrant, world.one(RoleGrant, person_id=person(world, "noor")).id)
        grant.until = NOW

    world.change(end)
    suspend(world, "lars")
    request_id = world.ask("Nordlys", "1")

    def doubt(session: Session) -> None:
        session.get_one(RightsHolder, world.holders["Nordlys"]).standing = Standing.APPLICANT

    world.change(doubt)
    world.answer("ines", request_id)
    assert len(world.rows(Notice)) == 1  # nobody is left who could confirm


@pytest.mark.parametrize("name", ["noor", "lars", "petra", "pia", "ada", "nobody"])
def test_only_whom_it_concerns_answers_a_censure(world: World, name: str) -> None:
    propose(world, WARN)
    censure = world.one(Censure)
    with pytest.raises(Denied):
        world.store.run_sync(censures.answer, who(name), censure.id, "not me", now=NOW)
    assert world.one(Censure).answer == ""


def test_the_suspended_may_still_answer(world: World) -> None:
    suspend(world)
    suspension = world.one(Censure, kind=CensureKind.SUSPENSION)
    world.store.run_sync(censures.answer, who("ines"), suspension.id, "Please look again", now=NOW)
    assert world.one(Censure, id=suspension.id).answer == "Please look again"


def test_a_company_is_warned_and_suspended_as_a_whole_and_its_lead_answers(world: World) -> None:
    about = {"holder_id": world.holders["Nordlys"], "reason": "Everybody there"}
    for act in (ActName.WARN_HOLDER, ActName.SUSPEND_HOLDER):
        asked = world.store.run_sync(approvals.ask, who("pia"), act, about, now=NOW)
        censure = world.one(Censure, state=CensureState.PROPOSED)
        assert {"drawing": "censure", "subject_id": censure.id, "place": "ULARS"} in world.outgoing("draw")
        with pytest.raises(Denied):
            world.store.run_sync(censures.answer, who("ines"), censure.id, "no", now=NOW)
        world.store.run_sync(censures.answer, who("lars"), censure.id, "We train them", now=NOW)
        confirm(world, asked)
    assert world.one(RightsHolder, id=world.holders["Nordlys"]).standing is Standing.SUSPENDED
    recorded = world.answer("ines", world.ask("Nordlys", "1"))
    assert recorded is not None
    assert world.rows(Takedown) == []


def test_everything_open_of_a_suspended_reporter_is_taken_back_and_nothing_else(world: World) -> None:
    done, alone, shared = fake(world, "1"), fake(world, "2"), fake(world, "3")
    reported(world, done, "removed")
    other = world.ask("Nordlys", "3b", listing=_listing_of(world, shared))
    world.answer("noor", other)
    waiting = _waiting(world)
    suspend(world)
    confirm(world, propose(world, ActName.INVALIDATE_OPEN))
    states = {each.id: each.state for each in world.rows(Takedown)}
    assert states[done.id] is TakedownState.REMOVED
    assert states[alone.id] is TakedownState.CANCELLED
    assert states[shared.id] is TakedownState.REQUESTED  # noor asked for it as well
    assert world.request(waiting).state is RequestState.ANSWERED
    assert len(world.rows(Retraction)) == 3
    assert len(world.webhooks("verdict.retracted")) == 3


def test_nothing_is_taken_back_of_a_reporter_who_is_not_suspended(world: World) -> None:
    fake(world, "1")
    with pytest.raises(Refused, match=r"misuse\.not_suspended"):
        propose(world, ActName.INVALIDATE_OPEN)
    assert world.rows(Retraction) == []


def test_undecided_notices_of_a_suspended_reporter_are_withdrawn(world: World) -> None:
    def doubt(session: Session) -> None:
        session.get_one(RightsHolder, world.holders["Nordlys"]).standing = Standing.APPLICANT
        for name in ("lars", "noor"):
            grant = world.one(RoleGrant, person_id=person(world, name))
            session.get_one(RoleGrant, grant.id).until = NOW

    world.change(doubt)
    world.answer("ines", world.ask("Nordlys", "1"))
    suspend(world)
    confirm(world, propose(world, ActName.INVALIDATE_OPEN))
    assert world.one(Notice).state is NoticeState.WITHDRAWN
    (told,) = world.webhooks("notice.withdrawn")
    assert told["reason"] == "Ten wrong ones"


def _listing_of(world: World, takedown: Takedown) -> dict[str, Any]:
    (request,) = world.rows(AuthenticityRequest, listing_id=takedown.listing_id)
    return dict(request.snapshot)


def _waiting(world: World) -> str:
    """A Fake of the same person that waits for its second one."""
    request_id = world.ask("Nordlys", "4")
    world.answer("ines", request_id, limits=Limits(fakes_a_day=1))
    assert world.request(request_id).state is RequestState.AWAITING_CONFIRMATION
    return request_id
