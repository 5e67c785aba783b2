"""The whole route table on one screen, and the few Bolt listeners in front of it.

Bolt gets one listener per kind of interaction; the dictionary behind them makes an interaction cost the same
with five routes and with two hundred.
"""

import re
from collections.abc import Mapping

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from handlers.guard import Desk, Handler, Kind, handle
from handlers.ids import (
    AuthenticityId,
    Command,
    CounterId,
    DigestId,
    Event,
    ExportId,
    FindingId,
    GroupId,
    HomeId,
    KnowledgeId,
    MisuseId,
    NoticeId,
    OfficeId,
    QueueId,
    RosterId,
    SellerId,
    ServiceId,
    Shortcut,
    TalkId,
)
from handlers.payloads import part, text_at
from handlers.slack import (
    account_managers,
    approvals,
    authenticity,
    channels,
    conversations,
    counter_notices,
    digests,
    exports,
    findings,
    goodfaith,
    groups,
    home,
    knowledge,
    misuse,
    notice_form,
    notices,
    office,
    review_queue,
    roster,
    sellers,
    service_levels,
    standing,
)
from handlers.slack import register as register_forms

Routes = Mapping[tuple[Kind, str], Handler]

ROUTES: Routes = {
    (Kind.ACTION, AuthenticityId.FAKE): authenticity.handle_answer,
    (Kind.ACTION, AuthenticityId.GENUINE): authenticity.handle_answer,
    (Kind.ACTION, AuthenticityId.CANNOT_TELL): authenticity.handle_answer,
    (Kind.ACTION, AuthenticityId.NEED_SAMPLE): authenticity.handle_answer,
    (Kind.ACTION, AuthenticityId.NOT_OUR_BRAND): authenticity.handle_answer,
    (Kind.ACTION, AuthenticityId.CONFIRM): authenticity.handle_confirm,
    (Kind.ACTION, AuthenticityId.DECLINE): authenticity.handle_decline,
    (Kind.ACTION, AuthenticityId.RETRACT): authenticity.handle_retract,
    (Kind.SUBMIT, AuthenticityId.REASON_FORM): authenticity.handle_reason_form,
    (Kind.ACTION, AuthenticityId.ASSIGN): authenticity.handle_assign,
    (Kind.SUBMIT, AuthenticityId.ASSIGN_FORM): authenticity.handle_assign_form,
    (Kind.ACTION, AuthenticityId.SAMPLE_DONE): authenticity.handle_sample_done,
    (Kind.ACTION, QueueId.OPEN): review_queue.handle_open,
    (Kind.SUBMIT, QueueId.FORM): review_queue.handle_answer,
    (Kind.CLOSE, QueueId.FORM): review_queue.handle_close,
    (Kind.SUBMIT, QueueId.SURE): review_queue.handle_sure,
    (Kind.CLOSE, QueueId.SURE): review_queue.handle_close,
    (Kind.ACTION, QueueId.BACK): review_queue.handle_back,
    (Kind.ACTION, QueueId.LINE): review_queue.handle_line,
    (Kind.ACTION, QueueId.KNOWLEDGE): review_queue.handle_knowledge,
    (Kind.ACTION, QueueId.TAKE_BACK): review_queue.handle_take_back,
    (Kind.SUBMIT, KnowledgeId.FORM): knowledge.handle_form,
    (Kind.SUBMIT, KnowledgeId.LINE_FORM): knowledge.handle_line_form,
    (Kind.SUBMIT, KnowledgeId.END_FORM): knowledge.handle_end_form,
    (Kind.ACTION, KnowledgeId.END): office.handle_go,
    (Kind.COMMAND, Command.NOTICE): notice_form.handle_notice,
    (Kind.SHORTCUT, Shortcut.FILE_NOTICE): notice_form.handle_file_notice,
    (Kind.SHORTCUT, Shortcut.REPORT_LISTING): notice_form.handle_report_listing,
    (Kind.ACTION, HomeId.FILE_NOTICE): notice_form.handle_file_notice,
    (Kind.ACTION, NoticeId.OPEN_DRAFT): notice_form.handle_open_draft,
    (Kind.ACTION, NoticeId.DROP_DRAFT): notice_form.handle_drop_draft,
    (Kind.ACTION, NoticeId.HOLDER): notice_form.handle_redraw,
    (Kind.ACTION, NoticeId.BRAND): notice_form.handle_redraw,
    (Kind.ACTION, NoticeId.RIGHT): notice_form.handle_redraw,
    (Kind.ACTION, NoticeId.REASON): notice_form.handle_redraw,
    (Kind.ACTION, NoticeId.MORE_LINKS): notice_form.handle_more_links,
    (Kind.SUBMIT, NoticeId.FORM): notice_form.handle_submit,
    (Kind.CLOSE, NoticeId.FORM): notice_form.handle_close,
    (Kind.SUBMIT, NoticeId.REVIEW_FORM): notice_form.handle_submit_reviewed,
    (Kind.ACTION, NoticeId.WITHDRAW): notices.handle_withdraw,
    (Kind.SUBMIT, NoticeId.WITHDRAW_FORM): notices.handle_withdraw_form,
    (Kind.ACTION, NoticeId.SECOND): notices.handle_second,
    (Kind.ACTION, NoticeId.COMPLAINT): notices.handle_complaint,
    (Kind.SUBMIT, NoticeId.COMPLAINT_FORM): notices.handle_complaint_form,
    (Kind.ACTION, CounterId.ACCEPT): counter_notices.handle_accept,
    (Kind.ACTION, CounterId.CONTEST): counter_notices.handle_contest,
    (Kind.SUBMIT, CounterId.ANSWER_FORM): counter_notices.handle_answer_form,
    (Kind.ACTION, CounterId.CONFIRM): counter_notices.handle_confirm,
    (Kind.ACTION, CounterId.DECLINE): counter_notices.handle_decline,
    (Kind.SUBMIT, CounterId.DECLINE_FORM): counter_notices.handle_decline_form,
    (Kind.ACTION, CounterId.FILES): counter_notices.handle_files,
    (Kind.ACTION, ExportId.OPEN): exports.handle_open,
    (Kind.ACTION, ExportId.GO): office.handle_go,
    (Kind.SUBMIT, ExportId.FORM): exports.handle_form,
    (Kind.ACTION, ExportId.REPORT): exports.handle_report,
    (Kind.ACTION, ExportId.START_WEEKLY): exports.handle_start_weekly,
    (Kind.ACTION, ExportId.STOP_WEEKLY): exports.handle_stop_weekly,
    (Kind.ACTION, TalkId.OPEN): conversations.handle_open,
    (Kind.SUBMIT, TalkId.FORM): conversations.handle_form,
    (Kind.ACTION, TalkId.APPROVE): conversations.handle_approve,
    (Kind.ACTION, TalkId.DECLINE): conversations.handle_decline,
    (Kind.SUBMIT, TalkId.DECLINE_FORM): conversations.handle_decline_form,
    (Kind.ACTION, TalkId.CLOSE): conversations.handle_close,
    (Kind.SUBMIT, TalkId.CLOSE_FORM): conversations.handle_close_form,
    (Kind.ACTION, TalkId.SECURITY): conversations.handle_security,
    (Kind.COMMAND, Command.DIGEST): digests.handle_digest,
    (Kind.ACTION, DigestId.PLACE): digests.handle_place,
    (Kind.ACTION, DigestId.SPAN): digests.handle_span,
    (Kind.SUBMIT, DigestId.FORM): digests.handle_form,
    (Kind.ACTION, DigestId.OPEN): digests.handle_open,
    (Kind.SHORTCUT, Shortcut.SHARE_FINDING): findings.handle_shortcut,
    (Kind.SUBMIT, FindingId.FORM): findings.handle_form,
    (Kind.ACTION, FindingId.APPROVE): findings.handle_approve,
    (Kind.ACTION, FindingId.DECLINE): findings.handle_decline,
    (Kind.SUBMIT, FindingId.DECLINE_FORM): findings.handle_decline_form,
    (Kind.ACTION, FindingId.OPEN): findings.handle_open,
    (Kind.ACTION, FindingId.WITHDRAW): findings.handle_withdraw,
    (Kind.EVENT, Event.REACTION_ADDED): findings.handle_reaction,
    (Kind.EVENT, Event.REACTION_REMOVED): findings.handle_reaction,
    (Kind.COMMAND, Command.SELLER): sellers.handle_seller,
    (Kind.OPTIONS, SellerId.PICK): sellers.handle_options,
    (Kind.ACTION, SellerId.PICK): office.handle_go,
    (Kind.ACTION, SellerId.CARRIED_OUT): sellers.handle_carried_out,
    (Kind.SUBMIT, SellerId.DECLINE_FORM): sellers.handle_decline_form,
    (Kind.SUBMIT, SellerId.FACT_FORM): sellers.handle_fact_form,
    (Kind.ACTION, SellerId.PICTURE): sellers.handle_picture,
    (Kind.SUBMIT, SellerId.POLICY_FORM): sellers.handle_policy_form,
    (Kind.ACTION, SellerId.PROPOSE): sellers.handle_propose,
    (Kind.SUBMIT, SellerId.BAN_FORM): sellers.handle_ban_form,
    (Kind.ACTION, SellerId.END_BAN): sellers.handle_end_ban,
    (Kind.COMMAND, Command.SERVICE): service_levels.handle_service,
    (Kind.ACTION, ServiceId.OPEN): service_levels.handle_open,
    (Kind.ACTION, ServiceId.TOPIC): service_levels.handle_go,
    (Kind.ACTION, ServiceId.SPAN): service_levels.handle_go,
    (Kind.ACTION, ServiceId.CUT): service_levels.handle_go,
    (Kind.ACTION, ServiceId.EARLIER): service_levels.handle_go,
    (Kind.ACTION, ServiceId.LATER): service_levels.handle_go,
    (Kind.ACTION, ServiceId.PREVIOUS): service_levels.handle_go,
    (Kind.ACTION, ServiceId.NEXT): service_levels.handle_go,
    (Kind.ACTION, ServiceId.POST_CHART): service_levels.handle_post_chart,
    (Kind.ACTION, ServiceId.CHANGE_LANE): service_levels.handle_change_lane,
    (Kind.SUBMIT, ServiceId.LANE_FORM): service_levels.handle_lane_form,
    (Kind.ACTION, ServiceId.CHANGE_TERMS): service_levels.handle_change_terms,
    (Kind.SUBMIT, ServiceId.TERMS_FORM): service_levels.handle_terms_form,
    (Kind.COMMAND, Command.GOODFAITH): goodfaith.handle_goodfaith,
    (Kind.EVENT, Event.HOME_OPENED): home.handle_home_opened,
    (Kind.EVENT, Event.USER_CHANGED): home.handle_user_changed,
    (Kind.ACTION, HomeId.PAGE): home.handle_page,
    (Kind.ACTION, HomeId.PAGE_BACK): home.handle_page,
    (Kind.ACTION, HomeId.TAB_NOW): home.handle_tab,
    (Kind.ACTION, HomeId.TAB_NOTICES): home.handle_tab,
    (Kind.ACTION, HomeId.TAB_FIGURES): home.handle_tab,
    (Kind.ACTION, HomeId.TAB_COMPANY): home.handle_tab,
    (Kind.ACTION, HomeId.TAB_GROUPS): home.handle_tab,
    (Kind.ACTION, HomeId.TAB_HELP): home.handle_tab,
    (Kind.ACTION, HomeId.CHOOSE): home.handle_choose,
    (Kind.OPTIONS, HomeId.CHOOSE): home.handle_find,
    (Kind.ACTION, HomeId.FILTER): home.handle_filter,
    (Kind.ACTION, HomeId.AWAY): home.handle_away,
    (Kind.ACTION, HomeId.BACK_AGAIN): home.handle_back_again,
    (Kind.ACTION, HomeId.HELP): home.handle_help,
    (Kind.ACTION, HomeId.MANAGE_ROSTER): home.handle_manage_roster,
    (Kind.ACTION, HomeId.REGISTER_RIGHT): home.handle_register_right,
    (Kind.ACTION, OfficeId.GO): office.handle_go,
    (Kind.ACTION, OfficeId.BACK): office.handle_go,
    (Kind.ACTION, OfficeId.NEXT): office.handle_go,
    (Kind.OPTIONS, OfficeId.PICK_HOLDER): office.handle_pick_holder,
    (Kind.SUBMIT, OfficeId.HOLDER_FORM): register_forms.handle_holder_form,
    (Kind.SUBMIT, OfficeId.BRAND_FORM): register_forms.handle_brand_form,
    (Kind.SUBMIT, OfficeId.STANDING_FORM): register_forms.handle_standing_form,
    (Kind.SUBMIT, OfficeId.STANDING_RULE_FORM): standing.handle_standing_rule_form,
    (Kind.SUBMIT, OfficeId.LEAD_FORM): register_forms.handle_lead_form,
    (Kind.SUBMIT, OfficeId.MANDATE_FORM): register_forms.handle_mandate_form,
    (Kind.ACTION, OfficeId.END_MANDATE): register_forms.handle_end_mandate,
    (Kind.SUBMIT, OfficeId.PERSON_FORM): roster.handle_person_form,
    (Kind.ACTION, OfficeId.REMOVE_PERSON): roster.handle_remove_person,
    (Kind.SUBMIT, OfficeId.GUEST_FORM): roster.handle_guest_form,
    (Kind.SUBMIT, OfficeId.CENSURE_FORM): misuse.handle_censure_form,
    (Kind.ACTION, MisuseId.ANSWER): misuse.handle_answer,
    (Kind.SUBMIT, MisuseId.ANSWER_FORM): misuse.handle_answer_form,
    (Kind.SUBMIT, OfficeId.STAFF_FORM): roster.handle_staff_form,
    (Kind.ACTION, OfficeId.REMOVE_STAFF): roster.handle_remove_staff,
    (Kind.SUBMIT, OfficeId.MANAGER_FORM): account_managers.handle_manager_form,
    (Kind.SUBMIT, OfficeId.RIGHT_FORM): roster.handle_right_form,
    (Kind.ACTION, OfficeId.CONFIRM_RIGHT): roster.handle_confirm_right,
    (Kind.SUBMIT, OfficeId.GROUP_FORM): groups.handle_group_form,
    (Kind.SUBMIT, OfficeId.MEMBER_FORM): groups.handle_member_form,
    (Kind.ACTION, OfficeId.REMOVE_MEMBER): groups.handle_remove_member,
    (Kind.SUBMIT, OfficeId.CHAIR_FORM): groups.handle_chair_form,
    (Kind.ACTION, OfficeId.REMOVE_CHAIR): groups.handle_remove_chair,
    (Kind.ACTION, GroupId.FOUND): groups.handle_found,
    (Kind.SUBMIT, GroupId.APPLY_FORM): groups.handle_apply_form,
    (Kind.ACTION, GroupId.APPROVE): groups.handle_approve,
    (Kind.SUBMIT, GroupId.DECLINE_FORM): groups.handle_decline_form,
    (Kind.ACTION, GroupId.USER_GROUP): groups.handle_user_group,
    (Kind.ACTION, GroupId.IN_STEP): groups.handle_in_step,
    (Kind.ACTION, GroupId.TAKE_OUT): groups.handle_take_out,
    (Kind.ACTION, GroupId.CHART): groups.handle_chart,
    (Kind.SUBMIT, RosterId.COLLEAGUE_FORM): roster.handle_colleague_form,
    (Kind.SUBMIT, RosterId.LINE_FORM): roster.handle_line_form,
    (Kind.ACTION, RosterId.END_LINE): roster.handle_end_line,
    (Kind.SUBMIT, OfficeId.CHANNEL_FORM): channels.handle_channel_form,
    (Kind.ACTION, OfficeId.UNBIND): channels.handle_unbind,
    (Kind.ACTION, OfficeId.LET_IN): channels.handle_let_in,
    (Kind.EVENT, Event.JOINED): channels.handle_joined,
    (Kind.EVENT, Event.LEFT): channels.handle_left,
    (Kind.EVENT, Event.CHANNEL_ARCHIVED): channels.handle_gone,
    (Kind.EVENT, Event.GROUP_ARCHIVED): channels.handle_gone,
    (Kind.EVENT, Event.CHANNEL_LEFT): channels.handle_gone,
    (Kind.EVENT, Event.GROUP_LEFT): channels.handle_gone,
    (Kind.SUBMIT, OfficeId.CLIENT_FORM): approvals.handle_client_form,
    (Kind.SUBMIT, OfficeId.WEBHOOK_FORM): approvals.handle_webhook_form,
    (Kind.SUBMIT, OfficeId.CALENDAR_FORM): approvals.handle_calendar_form,
    (Kind.ACTION, OfficeId.CREATE_KEY): approvals.handle_create_key,
    (Kind.ACTION, OfficeId.REVOKE_KEY): approvals.handle_revoke_key,
    (Kind.ACTION, OfficeId.ROTATE_SECRET): approvals.handle_rotate_secret,
    (Kind.ACTION, OfficeId.REVIEW): approvals.handle_review,
    (Kind.SUBMIT, OfficeId.REVIEW_FORM): approvals.handle_review_form,
    (Kind.ACTION, OfficeId.DECLINE): approvals.handle_decline,
}


_ANY = re.compile(".*", re.DOTALL)


def register(app: AsyncApp, desk: Desk, routes: Routes = ROUTES) -> None:
    """Give Bolt its listeners. What has no route is answered at once and counted."""

    def listener(kind: Kind):  # type: ignore[no-untyped-def]  # Bolt reads the parameters' names
        async def listen(request: AsyncBoltRequest) -> BoltResponse:
            ident = _ident(kind, request.body)
            handler = routes.get((kind, ident))
            if handler is None:
                desk.metrics.interaction(kind.value, "unknown", "unrouted").inc()
                return BoltResponse(status=200 if kind in (Kind.EVENT, Kind.ACTION) else 404, body="")
            with desk.metrics.interaction_duration(kind.value).time():
                return await handle(desk, kind, ident, handler, request)

        return listen

    # Clicks first: Bolt tries its listeners in turn.
    app.action(_ANY)(listener(Kind.ACTION))
    app.command(_ANY)(listener(Kind.COMMAND))
    app.view_submission(_ANY)(listener(Kind.SUBMIT))
    app.view_closed(_ANY)(listener(Kind.CLOSE))
    app.shortcut(_ANY)(listener(Kind.SHORTCUT))
    app.event(_ANY)(listener(Kind.EVENT))
    app.options(_ANY)(listener(Kind.OPTIONS))


def _ident(kind: Kind, body: Mapping[str, object]) -> str:
    match kind:
        case Kind.COMMAND:
            return text_at(body, "command")
        case Kind.ACTION:
            actions = part(body, "actions")
            return text_at(actions[0], "action_id") if isinstance(actions, list) and actions else ""
        case Kind.SUBMIT | Kind.CLOSE:
            return text_at(body, "view", "callback_id")
        case Kind.SHORTCUT:
            return text_at(body, "callback_id")
        case Kind.EVENT:
            return text_at(body, "event", "type")
        case Kind.OPTIONS:
            return text_at(body, "action_id")
