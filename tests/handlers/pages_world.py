"""An alliance with something on every page of the register, and where that something is."""

from sqlmodel import Session, select

from bot.contract.requests import AskedRequest
from bot.enforcement import (
    approvals,
    category_bans,
    channels,
    findings,
    group_applications,
    knowledge,
    knowledge_pictures,
    platform,
    product_lines,
    requests,
    rights,
    roster,
    strike_policies,
)
from bot.enforcement.access import OPERATOR, Actor
from bot.enforcement.approvals import ActName
from bot.enforcement.channels import Scope, Seen
from bot.enforcement.evidence import Fetched
from bot.enforcement.findings import FindingForm
from bot.enforcement.knowledge_pictures import Chosen
from bot.enforcement.product_lines import LineForm
from bot.enforcement.rights import RightDetails
from storage.engine import Store
from storage.records.approvals import Approval
from storage.records.authenticity import AuthenticityRequest
from storage.records.channels import ChannelPurpose
from storage.records.findings import Finding, FindingKind
from storage.records.group_seats import GroupApplication, Wish
from storage.records.knowledge import KnowledgePicture
from storage.records.listings import Listing, Seller
from storage.records.notices import ItemState, Notice, NoticeItem, NoticeOrigin, NoticeState, ReasonCode
from storage.records.platform import PlatformClient
from storage.records.product_lines import ProductLine
from storage.records.rights import RightKind
from storage.records.roster import Role
from storage.records.sellers import (
    Measure,
    Sanction,
    SanctionState,
    SellerTrait,
    Severity,
    Strike,
    StrikePolicy,
    TraitKind,
)
from tests.enforcement.alliance import BOT, NOW, Alliance, found, who


def with_every_page(sqlite_store: Store) -> Alliance:
    """The alliance with something on every page."""
    alliance = found(sqlite_store)
    client = sqlite_store.run_sync(
        platform.create_client, OPERATOR, "Open Bazaar", "openbazaar", "https://market.example/h", now=NOW
    )
    sqlite_store.run_sync(platform.create_key, OPERATOR, client.id, now=NOW)
    alliance.do(approvals.ask, "ada", ActName.CREATE_KEY, {"client_id": client.id})
    alliance.do(
        channels.bind,
        "lena",
        Scope(ChannelPurpose.BRAND, alliance.brands["nordlys"]),
        Seen("C1", [BOT, "ULENA"]),
    )
    alliance.do(
        group_applications.apply,
        "hugo",
        alliance.groups["shoes"],
        alliance.holders["halden"],
        Wish.LEAVE,
        "<Why>",
    )
    shoes = alliance.groups["shoes"]
    alliance.do(channels.bind, "hugo", Scope(ChannelPurpose.GROUP, shoes), Seen("C2", [BOT, "UHUGO"]))
    told = FindingForm(
        kind=FindingKind.ALERT, title="<Boxes>", signs="<Long> " * 280, link="https://a.example"
    )
    alliance.do(findings.share, "lena", told, [shoes])
    line = LineForm(brand_id=alliance.brands["nordlys"], name="<Running> shoes")
    line_id = alliance.do(product_lines.add_line, "lena", line)
    alliance.do(
        product_lines.set_lines, "lena", alliance.holders["nordlys"], alliance.person("emil"), [line_id]
    )
    right = RightDetails(
        kind=RightKind.TRADEMARK, title="<NORDLYS>", number="1", office="EUIPO", territory="EU"
    )
    alliance.do(rights.register_right, "lena", alliance.holders["nordlys"], right)
    alliance.do(roster.add_person, "operator", alliance.holders["nordlys"], "UFRED", Role.EXPERT)
    for act, name in (
        (ActName.WARN_PERSON, "emil"),
        (ActName.WARN_PERSON, "fred"),
        (ActName.SUSPEND_PERSON, "fred"),
        (ActName.WARN_HOLDER, ""),
    ):
        censure(alliance, act, name)
    policy = {"client_id": client.id, "policy": "three_strikes", "valid": "365", "apart": "3"}
    alliance.do(strike_policies.switch, "operator", policy)
    alliance.do(category_bans.add_ban, "ada", client.id, "<Parts> of air-bags", "They kill")
    sqlite_store.run_sync(accuse, alliance, "corner", "nordlys", alliance.person("emil"))
    sqlite_store.run_sync(accuse, alliance, "stall", "tansy", alliance.person("tess"))
    sqlite_store.run_sync(ask_about_a_line, alliance, client.id)
    return alliance


def ask_about_a_line(session: Session, alliance: Alliance, client_id: str) -> None:
    """A line of Nordlys with knowledge about it, and a request that is of that line."""
    line = ProductLine(brand_id=alliance.brands["nordlys"], name="<Runners>", name_key="<runners>")
    session.add(line)
    session.flush()
    file = Fetched("F0SEAL001", "seal.png", "image/png", b"\x89PNG")
    seal = Chosen("<Seal>", file_id="F0SEAL001")
    knowledge.write(session, who("emil"), line.id, 0, "<b>", ["<Seal>"], now=NOW)
    knowledge_pictures.keep(session, who("emil"), line.id, [file], now=NOW)
    knowledge.write(session, who("emil"), line.id, 1, "<Long> " * 420, ["<Seal>"], [seal], now=NOW)
    picture = session.exec(select(KnowledgePicture)).one()
    knowledge_pictures.copied(session, picture.id, "F0SEAL002", ready_at=NOW)
    listing = {"marketplace": "openbazaar", "url": "https://market.example/item/9", "title": "<Runner>"}
    asked = {"external_id": "9", "brand": "Nordlys brand", "listing": listing, "reasons": ["Price"]}
    own = {"market.example": "openbazaar"}
    models = [AskedRequest.model_validate(asked | {"product_line": "<runners>"})]
    requests.receive_requests(session, Actor(client_id=client_id), models, own, now=NOW)


def censure(alliance: Alliance, act: ActName, name: str) -> None:
    """Two administrators agree on a warning or a suspension at Nordlys."""
    given = {"holder_id": alliance.holders["nordlys"], "reason": "<Ten> wrong ones"}
    if name:
        given |= {"person_id": alliance.person(name), "user_id": f"U{name.upper()}"}
    alliance.do(approvals.confirm, "alan", alliance.do(approvals.ask, "ada", act, given))


def accuse(session: Session, alliance: Alliance, seller_name: str, holder: str, person_id: str) -> None:
    """A seller whose listing a holder's notice removed, with a measure proposed; all share an address."""
    market, holder_id = "openbazaar", alliance.holders[holder]
    (policy,) = session.exec(select(StrikePolicy)).all()
    seller = Seller(
        marketplace=market,
        external_id=seller_name,
        name=f"<{seller_name}>",
        network_id="shared",
        first_seen_at=NOW,
    )
    listing = Listing(
        key=f"{market}:{seller_name}",
        key_version=1,
        marketplace=market,
        url=f"https://market.example/item/{seller_name}",
        title="<Shoes>",
        seller_id=seller.id,
        first_seen_at=NOW,
    )
    notice = Notice(
        reference=f"GF-{seller_name}",
        holder_id=holder_id,
        brand_id=alliance.brands[holder],
        marketplace=market,
        origin=NoticeOrigin.MEMBER,
        reason_code=ReasonCode.COUNTERFEIT_NO_TEST_BUY,
        explanation="Fake",
        statements=[],
        submitter_id=person_id,
        submitter_name="Emil",
        submitter_email="",
        role="BM",
        immediate=False,
        state=NoticeState.ACTIONED,
        submitted_at=NOW,
        changed_at=NOW,
    )
    item = NoticeItem(notice_id=notice.id, listing_id=listing.id, state=ItemState.REMOVED, position=0)
    strike = Strike(
        removal_id=item.id,
        seller_id=seller.id,
        marketplace=market,
        listing_id=listing.id,
        holder_id=holder_id,
        reason_code=notice.reason_code,
        severity=Severity.SERIOUS,
        at=NOW,
    )
    sanction = Sanction(
        seller_id=seller.id,
        policy_id=policy.id,
        strike_id=strike.id,
        marketplace=market,
        measure=Measure.BAN,
        counted=3,
        state=SanctionState.PROPOSED,
        proposed_at=NOW,
    )
    trait = SellerTrait(
        seller_id=seller.id, kind=TraitKind.ADDRESS, value_hash="shared", shown="<1 Quay>", seen_at=NOW
    )
    for row in (seller, listing, notice, item, strike, sanction, trait):
        session.add(row)
        session.flush()


def ids_of(alliance: Alliance) -> dict[str, str]:
    """What the names in these addresses stand for."""
    sellers = {seller.external_id: seller.id for seller in alliance.all(Seller)}
    return {
        **alliance.holders,
        **alliance.groups,
        **{f"{name}_brand": brand_id for name, brand_id in alliance.brands.items()},
        **{name: alliance.person(name) for name in ("emil", "fred", "tess")},
        **sellers,
        "client": alliance.one(PlatformClient).id,
        "approval": alliance.one(Approval, operation=ActName.CREATE_KEY).id,
        "notice": alliance.one(Notice, holder_id=alliance.holders["nordlys"]).id,
        "shoe_line": alliance.one(ProductLine, name="<Runners>").id,
        "request": alliance.one(AuthenticityRequest).id,
        "asked": alliance.one(GroupApplication).id,
        "finding": alliance.one(Finding).id,
        "sanction": alliance.one(Sanction, seller_id=sellers["corner"]).id,
    }
