"""Every command, shortcut, action, view and event id: builders draw them, `routes.py` listens for them."""

from enum import StrEnum


class Command(StrEnum):
    """Slash commands."""

    NOTICE = "/notice"
    DIGEST = "/digest"
    GOODFAITH = "/goodfaith"


class Shortcut(StrEnum):
    """Message and global shortcuts."""

    REPORT_LISTING = "report_listing"
    FILE_NOTICE = "file_notice"


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
    COMPLAINT_FORM = "notice_complaint_form"
    OPEN_DRAFT = "notice_open_draft"
    DROP_DRAFT = "notice_drop_draft"


class DigestId(StrEnum):
    """Buttons and forms of digests."""

    FORM = "digest_form"
    OPEN_HOME = "digest_open_home"
    SUBSCRIBE = "digest_subscribe"


class HomeId(StrEnum):
    """Buttons and forms of App Home and administration."""

    PAGE = "home_page"
    FILE_NOTICE = "home_file_notice"
