"""The authorisation matrix: everything that can be asked for, who may ask, and how far that reaches.

It is the table of the security notes, section 3, one row for each operation; `access.py` asks it. A
capability that adds an operation adds its row here, and `make docs` prints the table.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Operation(StrEnum):
    """Everything that an actor can ask for. One row of the matrix each."""

    FILE_NOTICE = "file_notice"
    WITHDRAW_NOTICE = "withdraw_notice"
    MOVE_NOTICE = "move_notice"
    VIEW_OWN_CASES = "view_own_cases"
    VIEW_PLATFORM_CASE = "view_platform_case"
    OPEN_HOME = "open_home"
    ANSWER = "answer"
    ANSWER_FAKE = "answer_fake"
    CONFIRM_FAKE = "confirm_fake"
    RETRACT_VERDICT = "retract_verdict"
    CREATE_REQUEST = "create_request"
    WITHDRAW_REQUEST = "withdraw_request"
    ASSIGN_REQUEST = "assign_request"
    READ_REQUEST = "read_request"
    REPORT_TAKEDOWN = "report_takedown"
    SUBMIT_COUNTER_NOTICE = "submit_counter_notice"
    DECIDE_COUNTER_NOTICE = "decide_counter_notice"
    ANSWER_COUNTER_NOTICE = "answer_counter_notice"
    CONFIRM_COUNTER_ANSWER = "confirm_counter_answer"
    CONFIGURE_DIGEST = "configure_digest"
    CONFIGURE_PLATFORM_DIGEST = "configure_platform_digest"
    PREVIEW_DIGEST = "preview_digest"
    READ_GROUP_DIGEST = "read_group_digest"
    READ_BRAND_DIGEST = "read_brand_digest"
    READ_ASSOCIATION_DIGEST = "read_association_digest"
    READ_PLATFORM_DIGEST = "read_platform_digest"
    MANAGE_ROSTER = "manage_roster"
    ENROL_GUEST = "enrol_guest"
    NAME_FIRST_LEAD = "name_first_lead"
    CHANGE_REGISTER = "change_register"
    NAME_ACCOUNT_MANAGER = "name_account_manager"
    SAY_AWAY = "say_away"
    BIND_CHANNEL = "bind_channel"
    MANAGE_CLIENTS = "manage_clients"
    SET_STANDING = "set_standing"
    VIEW_MISUSE = "view_misuse"
    PROPOSE_CENSURE = "propose_censure"
    DECIDE_CENSURE = "decide_censure"
    ANSWER_CENSURE = "answer_censure"
    ANSWER_HOLDER_CENSURE = "answer_holder_censure"
    VIEW_STANDING = "view_standing"
    CHOOSE_STANDING_RULE = "choose_standing_rule"
    REGISTER_RIGHT = "register_right"
    CONFIRM_RIGHT = "confirm_right"
    VIEW_SELLER = "view_seller"
    NOTE_SELLER_FACT = "note_seller_fact"
    REPORT_SANCTION = "report_sanction"
    READ_STRIKE_POLICY = "read_strike_policy"
    SWITCH_STRIKE_POLICY = "switch_strike_policy"
    KEEP_CATEGORY_BANS = "keep_category_bans"
    VIEW_SERVICE = "view_service_levels"
    PROPOSE_LANE = "propose_fast_lane"
    SET_LANE = "set_fast_lane"
    WORK_QUEUE = "work_review_queue"
    READ_KNOWLEDGE = "read_product_knowledge"
    WRITE_KNOWLEDGE = "write_product_knowledge"
    TAKE_KNOWLEDGE_BACK = "take_product_knowledge_back"
    SET_PRODUCT_LINE = "set_product_line"
    TALK = "talk"
    APPROVE_TALK = "approve_talk"
    CLOSE_TALK = "close_talk"
    NAME_SECURITY = "name_security"
    VIEW_DIRECTORY = "view_directory"
    APPLY_TO_GROUP = "apply_to_group"
    DECIDE_APPLICATION = "decide_application"
    SHARE_FINDING = "share_finding"
    SHARE_ACROSS = "share_finding_across"
    DECIDE_SHARING = "decide_finding"
    WITHDRAW_FINDING = "withdraw_finding"
    READ_FINDINGS = "read_findings"
    SEE_AUTHOR = "see_finding_author"
    EXPORT_CASES = "export_cases"
    EXPORT_AGGREGATES = "export_aggregates"
    VERIFY_AUDIT = "verify_audit"


class Column(StrEnum):
    """The matrix's columns: roles, guests, and the two that are not people in Slack."""

    EXPERT = "BM"
    LEAD = "BL"
    SMALL_MEMBER = "SM"
    ASSOCIATION_OFFICER = "AS"
    PLATFORM_STAFF = "PS"
    GROUP_CHAIR = "WC"
    ADMINISTRATOR = "AA"
    GUEST = "GX"
    PLATFORM_CLIENT = "PC"


class Reach(StrEnum):
    """Whose things a cell reaches."""

    ALL = "Y"
    OWN_TENANT = "O"
    MANDATED = "M"
    OWN_OBJECT = "S"
    OWN_GROUP = "G"
    AGGREGATES = "A"


@dataclass(frozen=True)
class Cell:
    """What a role may do: how far it reaches, whether a second person or a review follows, how long."""

    reach: Reach
    second: bool = False
    review: bool = False
    within: timedelta | None = None

    def __str__(self) -> str:
        """As the printed matrix writes it: `O`, `M, 2`, `S in 24 h`."""
        parts = [self.reach.value]
        if self.second:
            parts.append("2")
        if self.review:
            parts.append("R")
        text = ", ".join(parts)
        return f"{text} in {int(self.within.total_seconds() // 3600)} h" if self.within else text


_COLUMNS = (
    Column.EXPERT, Column.LEAD, Column.SMALL_MEMBER, Column.ASSOCIATION_OFFICER, Column.PLATFORM_STAFF,
    Column.GROUP_CHAIR, Column.ADMINISTRATOR, Column.GUEST, Column.PLATFORM_CLIENT,
)  # fmt: skip

_DAY = timedelta(hours=24)
_CELLS: dict[str, Cell | None] = {
    "-": None,
    "Y": Cell(Reach.ALL),
    "O": Cell(Reach.OWN_TENANT),
    "M": Cell(Reach.MANDATED),
    "S": Cell(Reach.OWN_OBJECT),
    "G": Cell(Reach.OWN_GROUP),
    "A": Cell(Reach.AGGREGATES),
    "2": Cell(Reach.ALL, second=True),
    "O2": Cell(Reach.OWN_TENANT, second=True),
    "M2": Cell(Reach.MANDATED, second=True),
    "R": Cell(Reach.OWN_TENANT, review=True),
    "S24": Cell(Reach.OWN_OBJECT, within=_DAY),
}


def _row(cells: str) -> dict[Column, Cell]:
    found = {column: _CELLS[mark] for column, mark in zip(_COLUMNS, cells.split(), strict=True)}
    return {column: cell for column, cell in found.items() if cell is not None}


MATRIX: dict[Operation, dict[Column, Cell]] = {
    #                                BM  BL  SM  AS  PS  WC  AA  GX  PC
    Operation.FILE_NOTICE: _row("    O   O   R   M   -   -   -   -   -"),
    Operation.WITHDRAW_NOTICE: _row("S   O   S   M   -   -   -   -   -"),
    Operation.MOVE_NOTICE: _row("    -   -   -   -   Y   -   -   -   S"),
    Operation.VIEW_OWN_CASES: _row(" O   O   O   M   -   -   -   O   -"),
    Operation.VIEW_PLATFORM_CASE: _row("-  - -   -   Y   -   -   -   S"),
    Operation.OPEN_HOME: _row("      O   O   O   M   Y   G   Y   -   -"),
    Operation.ANSWER: _row("         O   O   O   -   -   -   -   O   -"),
    Operation.ANSWER_FAKE: _row("    O   O   O2  -   -   -   -   -   -"),
    Operation.CONFIRM_FAKE: _row("   O   O   O   -   -   -   -   -   -"),
    Operation.RETRACT_VERDICT: _row("S24 O   S24 -   -   -   -   -   -"),
    Operation.CREATE_REQUEST: _row(" -   -   -   -   Y   -   -   -   S"),
    Operation.WITHDRAW_REQUEST: _row("-  -   -   -   Y   -   -   -   S"),
    Operation.ASSIGN_REQUEST: _row(" -   -   -   -   Y   -   -   -   -"),
    Operation.READ_REQUEST: _row("   O   O   O   M   Y   -   -   -   S"),
    Operation.REPORT_TAKEDOWN: _row("-   -   -   -   Y   -   -   -   S"),
    Operation.SUBMIT_COUNTER_NOTICE: _row("- - - -  Y   -   -   -   S"),
    Operation.DECIDE_COUNTER_NOTICE: _row("- - - -  Y   -   -   -   S"),
    Operation.ANSWER_COUNTER_NOTICE: _row("- O O2 M -   -   -   -   -"),
    Operation.CONFIRM_COUNTER_ANSWER: _row("O O O M - - -   -   -"),
    Operation.CONFIGURE_DIGEST: _row("-  O   O   O   -   G   Y   -   -"),
    Operation.CONFIGURE_PLATFORM_DIGEST: _row("- - - - Y   -   Y   -   -"),
    Operation.PREVIEW_DIGEST: _row(" O   O   O   M   Y   G   A   -   -"),
    Operation.READ_GROUP_DIGEST: _row("A A   A   A   A   A   A   -   -"),
    Operation.READ_BRAND_DIGEST: _row("O O   O   M   -   -   -   -   -"),
    Operation.READ_ASSOCIATION_DIGEST: _row("- - - O -   -   -   -   -"),
    Operation.READ_PLATFORM_DIGEST: _row("- -   -   -   Y   -   -   -   -"),
    Operation.MANAGE_ROSTER: _row("  -   O   O   -   -   -   -   -   -"),
    Operation.ENROL_GUEST: _row("    -   -   -   -   -   -   Y   -   -"),
    Operation.NAME_FIRST_LEAD: _row("-   -   -   -   -   -   2   -   -"),
    Operation.CHANGE_REGISTER: _row("-   -   -   -   -   -   Y   -   -"),
    Operation.NAME_ACCOUNT_MANAGER: _row("-  - -   -   -   -   Y   -   -"),
    Operation.SAY_AWAY: _row("       -   -   -   -   Y   -   -   -   -"),
    Operation.BIND_CHANNEL: _row("   -   O   -   M   -   G   Y   -   -"),
    Operation.MANAGE_CLIENTS: _row(" -   -   -   -   -   -   2   -   -"),
    Operation.SET_STANDING: _row("   -   -   -   -   -   -   2   -   -"),
    Operation.VIEW_STANDING: _row("  O   O   O   M   Y   -   Y   -   -"),
    Operation.CHOOSE_STANDING_RULE: _row("-  - -   -   -   -   2   -   -"),
    Operation.VIEW_MISUSE: _row("    -   O   O   -   Y   -   Y   -   -"),
    Operation.PROPOSE_CENSURE: _row("-   O   -   -   Y   -   Y   -   -"),
    Operation.DECIDE_CENSURE: _row(" -   -   -   -   -   -   2   -   -"),
    Operation.ANSWER_CENSURE: _row(" S   S   S   M   -   -   -   S   -"),
    Operation.ANSWER_HOLDER_CENSURE: _row("- O  O   -   -   -   -   -   -"),
    Operation.REGISTER_RIGHT: _row(" -   O2  O2  M2  -   -   -   -   -"),
    Operation.CONFIRM_RIGHT: _row("  -   -   -   -   -   -   Y   -   -"),
    Operation.VIEW_SELLER: _row("    O   O   O   M   Y   -   -   -   -"),
    Operation.NOTE_SELLER_FACT: _row("-  -   -   -   Y   -   -   -   -"),
    Operation.REPORT_SANCTION: _row("-   -   -   -   Y   -   -   -   S"),
    Operation.READ_STRIKE_POLICY: _row("- - -   -   Y   -   Y   -   -"),
    Operation.SWITCH_STRIKE_POLICY: _row("- - - -   -   -   2   -   -"),
    Operation.KEEP_CATEGORY_BANS: _row("- - -   -   Y   -   Y   -   -"),
    Operation.VIEW_SERVICE: _row("   O   O   O   M   Y   -   Y   -   -"),
    Operation.PROPOSE_LANE: _row("   -   -   -   -   Y   -   Y   -   -"),
    Operation.SET_LANE: _row("       -   -   -   -   -   -   2   -   -"),
    Operation.WORK_QUEUE: _row("     O   O   O   -   -   -   -   -   -"),
    Operation.READ_KNOWLEDGE: _row(" O   O   O   -   Y   -   -   O   S"),
    Operation.WRITE_KNOWLEDGE: _row("O   O   O   -   -   -   -   -   -"),
    Operation.TAKE_KNOWLEDGE_BACK: _row("- O O   -   -   -   -   -   -"),
    Operation.SET_PRODUCT_LINE: _row("O  O   O   -   -   -   -   -   -"),
    Operation.TALK: _row("           O   O   O   M   Y   -   -   -   -"),
    Operation.APPROVE_TALK: _row("   -   -   -   M   -   -   -   -   -"),
    Operation.CLOSE_TALK: _row("     S   O   S   M   Y   -   -   -   -"),
    Operation.NAME_SECURITY: _row("  -   -   -   -   -   -   Y   -   -"),
    Operation.VIEW_DIRECTORY: _row(" Y   Y   Y   Y   Y   Y   Y   -   -"),
    Operation.APPLY_TO_GROUP: _row(" -   O   O   M   -   -   -   -   -"),
    Operation.DECIDE_APPLICATION: _row("- - -   -   -   G   Y   -   -"),
    Operation.SHARE_FINDING: _row("  O   O   O   Y   Y   G   Y   -   -"),
    Operation.SHARE_ACROSS: _row("   2   2   2   2   Y   G   Y   -   -"),
    Operation.DECIDE_SHARING: _row(" -   -   -   -   -   G   Y   -   -"),
    Operation.WITHDRAW_FINDING: _row("S  O  S   M   Y   G   Y   -   -"),
    Operation.READ_FINDINGS: _row("  A   A   A   A   A   A   A   -   -"),
    Operation.SEE_AUTHOR: _row("     O   O   O   M   Y   -   Y   -   -"),
    Operation.EXPORT_CASES: _row("   -   O   O   M   -   -   -   -   -"),
    Operation.EXPORT_AGGREGATES: _row("-  -   -   M   A   G   A   -   -"),
    Operation.VERIFY_AUDIT: _row("   Y   Y   Y   Y   Y   Y   Y   -   Y"),
}  # fmt: skip
