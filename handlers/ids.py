"""Every command, shortcut, action, view and event id: builders draw them, `routes.py` listens for them."""

from enum import StrEnum


class Command(StrEnum):
    """Slash commands."""

    NOTICE = "/notice"
    DIGEST = "/digest"
    SELLER = "/seller"
    SERVICE = "/service"
    GOODFAITH = "/goodfaith"


class Shortcut(StrEnum):
    """Message and global shortcuts."""

    REPORT_LISTING = "report_listing"
    FILE_NOTICE = "file_notice"
    SHARE_FINDING = "share_finding"


class Event(StrEnum):
    """Events of the Events API."""

    HOME_OPENED = "app_home_opened"
    JOINED = "member_joined_channel"
    LEFT = "member_left_channel"
    USER_CHANGED = "user_change"
    CHANNEL_ARCHIVED = "channel_archive"
    GROUP_ARCHIVED = "group_archive"
    CHANNEL_LEFT = "channel_left"
    GROUP_LEFT = "group_left"
    REACTION_ADDED = "reaction_added"
    REACTION_REMOVED = "reaction_removed"


class AuthenticityId(StrEnum):
    """Buttons and forms of authenticity requests."""

    FAKE = "request_fake"
    GENUINE = "request_genuine"
    CANNOT_TELL = "request_cannot_tell"
    NEED_SAMPLE = "request_need_sample"
    NOT_OUR_BRAND = "request_not_our_brand"
    CONFIRM = "request_confirm"
    DECLINE = "request_decline"
    RETRACT = "request_retract"
    ASSIGN = "request_assign"
    SAMPLE_DONE = "sample_done"
    REASON_FORM = "request_reason_form"
    ASSIGN_FORM = "request_assign_form"


class NoticeId(StrEnum):
    """Buttons and forms of notices."""

    FORM = "notice_form"
    MORE_LINKS = "notice_more_links"
    HOLDER = "notice_holder"
    BRAND = "notice_brand"
    RIGHT = "notice_right"
    REASON = "notice_reason"
    REVIEW_FORM = "notice_review_form"
    WITHDRAW = "notice_withdraw"
    WITHDRAW_FORM = "notice_withdraw_form"
    COMPLAINT = "notice_complaint"
    SECOND = "notice_second"
    COMPLAINT_FORM = "notice_complaint_form"
    OPEN_DRAFT = "notice_open_draft"
    DROP_DRAFT = "notice_drop_draft"


class CounterId(StrEnum):
    """Buttons and forms of counter-notices."""

    ACCEPT = "counter_accept"
    CONTEST = "counter_contest"
    ANSWER_FORM = "counter_answer_form"
    CONFIRM = "counter_confirm"
    DECLINE = "counter_decline"
    DECLINE_FORM = "counter_decline_form"
    FILES = "counter_files"


class MisuseId(StrEnum):
    """The answer to a warning or a suspension."""

    ANSWER = "censure_answer"
    ANSWER_FORM = "censure_answer_form"


class DigestId(StrEnum):
    """Buttons and forms of digests."""

    CHOOSER = "digest_chooser"
    PLACE = "digest_place"
    SPAN = "digest_span"
    PREVIEW = "digest_preview"
    FORM = "digest_form"
    OPEN = "digest_open"


class DigestField(StrEnum):
    """What is asked about a digest: block and action ids of its form."""

    COMES = "digest_comes"
    TIME = "digest_time"
    ZONE = "digest_zone"
    WEEKDAY = "digest_weekday"
    SECTIONS = "digest_sections"
    LANGUAGE = "digest_language"
    EMPTY = "digest_empty"
    RESUMES = "digest_resumes"


class ServiceId(StrEnum):
    """The modal of service levels: its controls and the form of fast lanes."""

    VIEW = "service"
    OPEN = "service_open"
    TOPIC = "service_topic"
    SPAN = "service_span"
    CUT = "service_cut"
    EARLIER = "service_earlier"
    LATER = "service_later"
    PREVIOUS = "service_previous"
    NEXT = "service_next"
    POST_CHART = "service_post_chart"
    CHANGE_LANE = "service_change_lane"
    LANE_FORM = "service_lane_form"
    CHANGE_TERMS = "service_change_terms"
    TERMS_FORM = "service_terms_form"


class HomeId(StrEnum):
    """App Home and its buttons."""

    VIEW = "home"
    PAGE = "home_page"
    PAGE_BACK = "home_page_back"
    FILE_NOTICE = "home_file_notice"
    HELP = "home_help"
    MANAGE_ROSTER = "home_manage_roster"
    REGISTER_RIGHT = "home_register_right"
    TAB_NOW = "home_tab_now"
    TAB_NOTICES = "home_tab_notices"
    TAB_FIGURES = "home_tab_figures"
    TAB_COMPANY = "home_tab_company"
    TAB_GROUPS = "home_tab_groups"
    TAB_HELP = "home_tab_help"
    CHOOSE = "home_choose"
    FILTER = "home_filter"
    AWAY = "home_away"
    BACK_AGAIN = "home_back_again"


class HomePage(StrEnum):
    """The views of App Home. A pointer to one is `page` or `page:rights holder`."""

    NOW = "now"
    NOTICES = "notices"
    FIGURES = "figures"
    COMPANY = "company"
    GROUPS = "groups"
    HELP = "help"


class OfficeId(StrEnum):
    """The modal in which leads and administrators keep the register: a page, its buttons, its forms."""

    PAGE = "office"
    GO = "office_go"
    BACK = "office_back"
    NEXT = "office_next"
    HOLDER_FORM = "office_holder_form"
    BRAND_FORM = "office_brand_form"
    STANDING_FORM = "office_standing_form"
    STANDING_RULE_FORM = "office_standing_rule_form"
    MANDATE_FORM = "office_mandate_form"
    END_MANDATE = "office_end_mandate"
    LEAD_FORM = "office_lead_form"
    PERSON_FORM = "office_person_form"
    REMOVE_PERSON = "office_remove_person"
    GUEST_FORM = "office_guest_form"
    CENSURE_FORM = "office_censure_form"
    STAFF_FORM = "office_staff_form"
    REMOVE_STAFF = "office_remove_staff"
    MANAGER_FORM = "office_manager_form"
    GROUP_FORM = "office_group_form"
    MEMBER_FORM = "office_member_form"
    REMOVE_MEMBER = "office_remove_member"
    CHAIR_FORM = "office_chair_form"
    REMOVE_CHAIR = "office_remove_chair"
    CHANNEL_FORM = "office_channel_form"
    UNBIND = "office_unbind"
    LET_IN = "office_let_in"
    RIGHT_FORM = "office_right_form"
    CONFIRM_RIGHT = "office_confirm_right"
    CLIENT_FORM = "office_client_form"
    WEBHOOK_FORM = "office_webhook_form"
    CALENDAR_FORM = "office_calendar_form"
    CREATE_KEY = "office_create_key"
    REVOKE_KEY = "office_revoke_key"
    ROTATE_SECRET = "office_rotate_secret"  # noqa: S105  # the name of a button
    PICK_HOLDER = "office_pick_holder"
    REVIEW = "office_review"
    REVIEW_FORM = "office_review_form"
    DECLINE = "office_decline"


class FindingId(StrEnum):
    """Sharing findings, letting others share them, taking them back."""

    FORM = "finding_form"
    APPROVE = "finding_approve"
    DECLINE = "finding_decline"
    DECLINE_FORM = "finding_decline_form"
    WITHDRAW = "finding_withdraw"
    OPEN = "finding_open"


class FindingField(StrEnum):
    """What is asked about a finding: block ids of its form."""

    KIND = "finding_kind"
    GROUPS = "finding_groups"
    TITLE = "finding_title"
    SELLERS = "finding_sellers"
    SIGNS = "finding_signs"
    INDUSTRY = "finding_industry"
    LINK = "finding_link"
    PICTURE = "finding_picture"
    ANONYMOUS = "finding_anonymous"
    REASON = "finding_reason"


class SellerId(StrEnum):
    """Pages about sellers, strike policies and banned goods; they stand in the register's modal."""

    PICK = "seller_pick"
    CARRIED_OUT = "seller_carried_out"
    DECLINE_FORM = "seller_decline_form"
    FACT_FORM = "seller_fact_form"
    PICTURE = "seller_picture"
    POLICY_FORM = "seller_policy_form"
    PROPOSE = "seller_propose_policy"
    BAN_FORM = "seller_ban_form"
    END_BAN = "seller_end_ban"


class TalkId(StrEnum):
    """Talk to us: asking for a conversation, deciding on one, ending one, and who is asked for security."""

    OPEN = "talk_open"
    FORM = "talk_form"
    APPROVE = "talk_approve"
    DECLINE = "talk_decline"
    DECLINE_FORM = "talk_decline_form"
    CLOSE = "talk_close"
    CLOSE_FORM = "talk_close_form"
    SECURITY = "talk_security"


class QueueId(StrEnum):
    """The review queue: the button that opens it, its form, its question before a Fake."""

    OPEN = "queue_open"
    FORM = "queue_form"
    SURE = "queue_sure"
    BACK = "queue_back"
    LINE = "queue_line"
    KNOWLEDGE = "queue_knowledge"
    TAKE_BACK = "queue_take_back"


class KnowledgeId(StrEnum):
    """The forms of product knowledge; its pages stand in the register's modal."""

    FORM = "knowledge_form"
    END = "knowledge_end"
    END_FORM = "knowledge_end_form"
    LINE_FORM = "knowledge_line_form"


class GroupId(StrEnum):
    """Working groups: founding, asking to join or to leave, answering, and what Slack is to have of them."""

    FOUND = "group_found"
    APPLY_FORM = "group_apply_form"
    APPROVE = "group_approve"
    DECLINE_FORM = "group_decline_form"
    USER_GROUP = "group_user_group"
    IN_STEP = "group_in_step"
    TAKE_OUT = "group_take_out"
    CHART = "group_chart"


class RosterId(StrEnum):
    """What a lead changes of somebody on the roster, and the product lines."""

    COLLEAGUE_FORM = "roster_colleague_form"
    LINE_FORM = "roster_line_form"
    END_LINE = "roster_end_line"


class ExportId(StrEnum):
    """Exports of one's own cases, and the weekly report of a brand."""

    OPEN = "export_open"
    GO = "export_go"
    FORM = "export_form"
    FIGURES_FORM = "export_figures_form"
    REPORT = "export_report"
    START_WEEKLY = "export_start_weekly"
    STOP_WEEKLY = "export_stop_weekly"
