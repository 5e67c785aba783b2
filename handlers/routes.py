"""The whole route table on one screen, and the one Bolt middleware in front of it.

Bolt proves who we are and drops our own echoes; then its listeners would be tried in turn, each with all that
a listener may ask for. The dictionary makes an interaction cost the same with five routes and two hundred.
"""

from collections.abc import Awaitable, Callable, Mapping

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.lazy import Later
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

Routes = Mapping[tuple[Kind, str], Handler]


def _to(name: str) -> Handler:
    """A handler of `handlers.slack`, by its module and its name; imported when it is first asked for."""
    return Later(f"handlers.slack.{name}")


ROUTES: Routes = {
    (Kind.ACTION, AuthenticityId.FAKE): _to("authenticity.handle_answer"),
    (Kind.ACTION, AuthenticityId.GENUINE): _to("authenticity.handle_answer"),
    (Kind.ACTION, AuthenticityId.CANNOT_TELL): _to("authenticity.handle_answer"),
    (Kind.ACTION, AuthenticityId.NEED_SAMPLE): _to("authenticity.handle_answer"),
    (Kind.ACTION, AuthenticityId.NOT_OUR_BRAND): _to("authenticity.handle_answer"),
    (Kind.ACTION, AuthenticityId.CONFIRM): _to("authenticity.handle_confirm"),
    (Kind.ACTION, AuthenticityId.DECLINE): _to("authenticity.handle_decline"),
    (Kind.ACTION, AuthenticityId.RETRACT): _to("authenticity.handle_retract"),
    (Kind.SUBMIT, AuthenticityId.REASON_FORM): _to("authenticity.handle_reason_form"),
    (Kind.ACTION, AuthenticityId.ASSIGN): _to("authenticity.handle_assign"),
    (Kind.SUBMIT, AuthenticityId.ASSIGN_FORM): _to("authenticity.handle_assign_form"),
    (Kind.ACTION, AuthenticityId.SAMPLE_DONE): _to("authenticity.handle_sample_done"),
    (Kind.ACTION, QueueId.OPEN): _to("review_queue.handle_open"),
    (Kind.SUBMIT, QueueId.FORM): _to("review_queue.handle_answer"),
    (Kind.CLOSE, QueueId.FORM): _to("review_queue.handle_close"),
    (Kind.SUBMIT, QueueId.SURE): _to("review_queue.handle_sure"),
    (Kind.CLOSE, QueueId.SURE): _to("review_queue.handle_close"),
    (Kind.ACTION, QueueId.BACK): _to("review_queue.handle_back"),
    (Kind.ACTION, QueueId.LINE): _to("review_queue.handle_line"),
    (Kind.ACTION, QueueId.KNOWLEDGE): _to("review_queue.handle_knowledge"),
    (Kind.ACTION, QueueId.TAKE_BACK): _to("review_queue.handle_take_back"),
    (Kind.SUBMIT, KnowledgeId.FORM): _to("knowledge.handle_form"),
    (Kind.SUBMIT, KnowledgeId.LINE_FORM): _to("knowledge.handle_line_form"),
    (Kind.SUBMIT, KnowledgeId.END_FORM): _to("knowledge.handle_end_form"),
    (Kind.ACTION, KnowledgeId.END): _to("office.handle_go"),
    (Kind.COMMAND, Command.NOTICE): _to("notice_form.handle_notice"),
    (Kind.SHORTCUT, Shortcut.FILE_NOTICE): _to("notice_form.handle_file_notice"),
    (Kind.SHORTCUT, Shortcut.REPORT_LISTING): _to("notice_form.handle_report_listing"),
    (Kind.ACTION, HomeId.FILE_NOTICE): _to("notice_form.handle_file_notice"),
    (Kind.ACTION, NoticeId.OPEN_DRAFT): _to("notice_form.handle_open_draft"),
    (Kind.ACTION, NoticeId.DROP_DRAFT): _to("notice_form.handle_drop_draft"),
    (Kind.ACTION, NoticeId.HOLDER): _to("notice_form.handle_redraw"),
    (Kind.ACTION, NoticeId.BRAND): _to("notice_form.handle_redraw"),
    (Kind.ACTION, NoticeId.RIGHT): _to("notice_form.handle_redraw"),
    (Kind.ACTION, NoticeId.REASON): _to("notice_form.handle_redraw"),
    (Kind.ACTION, NoticeId.MORE_LINKS): _to("notice_form.handle_more_links"),
    (Kind.SUBMIT, NoticeId.FORM): _to("notice_form.handle_submit"),
    (Kind.CLOSE, NoticeId.FORM): _to("notice_form.handle_close"),
    (Kind.SUBMIT, NoticeId.REVIEW_FORM): _to("notice_form.handle_submit_reviewed"),
    (Kind.ACTION, NoticeId.WITHDRAW): _to("notices.handle_withdraw"),
    (Kind.SUBMIT, NoticeId.WITHDRAW_FORM): _to("notices.handle_withdraw_form"),
    (Kind.ACTION, NoticeId.SECOND): _to("notices.handle_second"),
    (Kind.ACTION, NoticeId.COMPLAINT): _to("notices.handle_complaint"),
    (Kind.SUBMIT, NoticeId.COMPLAINT_FORM): _to("notices.handle_complaint_form"),
    (Kind.ACTION, CounterId.ACCEPT): _to("counter_notices.handle_accept"),
    (Kind.ACTION, CounterId.CONTEST): _to("counter_notices.handle_contest"),
    (Kind.SUBMIT, CounterId.ANSWER_FORM): _to("counter_notices.handle_answer_form"),
    (Kind.ACTION, CounterId.CONFIRM): _to("counter_notices.handle_confirm"),
    (Kind.ACTION, CounterId.DECLINE): _to("counter_notices.handle_decline"),
    (Kind.SUBMIT, CounterId.DECLINE_FORM): _to("counter_notices.handle_decline_form"),
    (Kind.ACTION, CounterId.FILES): _to("counter_notices.handle_files"),
    (Kind.ACTION, ExportId.OPEN): _to("exports.handle_open"),
    (Kind.ACTION, ExportId.GO): _to("office.handle_go"),
    (Kind.SUBMIT, ExportId.FORM): _to("exports.handle_form"),
    (Kind.SUBMIT, ExportId.FIGURES_FORM): _to("exports.handle_figures_form"),
    (Kind.ACTION, ExportId.REPORT): _to("exports.handle_report"),
    (Kind.ACTION, ExportId.START_WEEKLY): _to("exports.handle_start_weekly"),
    (Kind.ACTION, ExportId.STOP_WEEKLY): _to("exports.handle_stop_weekly"),
    (Kind.ACTION, TalkId.OPEN): _to("conversations.handle_open"),
    (Kind.SUBMIT, TalkId.FORM): _to("conversations.handle_form"),
    (Kind.ACTION, TalkId.APPROVE): _to("conversations.handle_approve"),
    (Kind.ACTION, TalkId.DECLINE): _to("conversations.handle_decline"),
    (Kind.SUBMIT, TalkId.DECLINE_FORM): _to("conversations.handle_decline_form"),
    (Kind.ACTION, TalkId.CLOSE): _to("conversations.handle_close"),
    (Kind.SUBMIT, TalkId.CLOSE_FORM): _to("conversations.handle_close_form"),
    (Kind.ACTION, TalkId.SECURITY): _to("conversations.handle_security"),
    (Kind.COMMAND, Command.DIGEST): _to("digests.handle_digest"),
    (Kind.ACTION, DigestId.PLACE): _to("digests.handle_place"),
    (Kind.ACTION, DigestId.SPAN): _to("digests.handle_span"),
    (Kind.SUBMIT, DigestId.FORM): _to("digests.handle_form"),
    (Kind.ACTION, DigestId.OPEN): _to("digests.handle_open"),
    (Kind.SHORTCUT, Shortcut.SHARE_FINDING): _to("findings.handle_shortcut"),
    (Kind.SUBMIT, FindingId.FORM): _to("findings.handle_form"),
    (Kind.ACTION, FindingId.APPROVE): _to("findings.handle_approve"),
    (Kind.ACTION, FindingId.DECLINE): _to("findings.handle_decline"),
    (Kind.SUBMIT, FindingId.DECLINE_FORM): _to("findings.handle_decline_form"),
    (Kind.ACTION, FindingId.OPEN): _to("findings.handle_open"),
    (Kind.ACTION, FindingId.WITHDRAW): _to("findings.handle_withdraw"),
    (Kind.EVENT, Event.REACTION_ADDED): _to("findings.handle_reaction"),
    (Kind.EVENT, Event.REACTION_REMOVED): _to("findings.handle_reaction"),
    (Kind.COMMAND, Command.SELLER): _to("sellers.handle_seller"),
    (Kind.OPTIONS, SellerId.PICK): _to("sellers.handle_options"),
    (Kind.ACTION, SellerId.PICK): _to("office.handle_go"),
    (Kind.ACTION, SellerId.CARRIED_OUT): _to("sellers.handle_carried_out"),
    (Kind.SUBMIT, SellerId.DECLINE_FORM): _to("sellers.handle_decline_form"),
    (Kind.SUBMIT, SellerId.FACT_FORM): _to("sellers.handle_fact_form"),
    (Kind.ACTION, SellerId.PICTURE): _to("sellers.handle_picture"),
    (Kind.SUBMIT, SellerId.POLICY_FORM): _to("sellers.handle_policy_form"),
    (Kind.ACTION, SellerId.PROPOSE): _to("sellers.handle_propose"),
    (Kind.SUBMIT, SellerId.BAN_FORM): _to("sellers.handle_ban_form"),
    (Kind.ACTION, SellerId.END_BAN): _to("sellers.handle_end_ban"),
    (Kind.COMMAND, Command.SERVICE): _to("service_levels.handle_service"),
    (Kind.ACTION, ServiceId.OPEN): _to("service_levels.handle_open"),
    (Kind.ACTION, ServiceId.TOPIC): _to("service_levels.handle_go"),
    (Kind.ACTION, ServiceId.SPAN): _to("service_levels.handle_go"),
    (Kind.ACTION, ServiceId.CUT): _to("service_levels.handle_go"),
    (Kind.ACTION, ServiceId.EARLIER): _to("service_levels.handle_go"),
    (Kind.ACTION, ServiceId.LATER): _to("service_levels.handle_go"),
    (Kind.ACTION, ServiceId.PREVIOUS): _to("service_levels.handle_go"),
    (Kind.ACTION, ServiceId.NEXT): _to("service_levels.handle_go"),
    (Kind.ACTION, ServiceId.POST_CHART): _to("service_levels.handle_post_chart"),
    (Kind.ACTION, ServiceId.CHANGE_LANE): _to("service_levels.handle_change_lane"),
    (Kind.SUBMIT, ServiceId.LANE_FORM): _to("service_levels.handle_lane_form"),
    (Kind.ACTION, ServiceId.CHANGE_TERMS): _to("service_levels.handle_change_terms"),
    (Kind.SUBMIT, ServiceId.TERMS_FORM): _to("service_levels.handle_terms_form"),
    (Kind.COMMAND, Command.GOODFAITH): _to("goodfaith.handle_goodfaith"),
    (Kind.EVENT, Event.HOME_OPENED): _to("home.handle_home_opened"),
    (Kind.EVENT, Event.USER_CHANGED): _to("home.handle_user_changed"),
    (Kind.ACTION, HomeId.PAGE): _to("home.handle_page"),
    (Kind.ACTION, HomeId.PAGE_BACK): _to("home.handle_page"),
    (Kind.ACTION, HomeId.TAB_NOW): _to("home.handle_tab"),
    (Kind.ACTION, HomeId.TAB_NOTICES): _to("home.handle_tab"),
    (Kind.ACTION, HomeId.TAB_FIGURES): _to("home.handle_tab"),
    (Kind.ACTION, HomeId.TAB_COMPANY): _to("home.handle_tab"),
    (Kind.ACTION, HomeId.TAB_GROUPS): _to("home.handle_tab"),
    (Kind.ACTION, HomeId.TAB_HELP): _to("home.handle_tab"),
    (Kind.ACTION, HomeId.CHOOSE): _to("home.handle_choose"),
    (Kind.OPTIONS, HomeId.CHOOSE): _to("home.handle_find"),
    (Kind.ACTION, HomeId.FILTER): _to("home.handle_filter"),
    (Kind.ACTION, HomeId.AWAY): _to("home.handle_away"),
    (Kind.ACTION, HomeId.BACK_AGAIN): _to("home.handle_back_again"),
    (Kind.ACTION, HomeId.HELP): _to("home.handle_help"),
    (Kind.ACTION, HomeId.MANAGE_ROSTER): _to("home.handle_manage_roster"),
    (Kind.ACTION, HomeId.REGISTER_RIGHT): _to("home.handle_register_right"),
    (Kind.ACTION, OfficeId.GO): _to("office.handle_go"),
    (Kind.ACTION, OfficeId.BACK): _to("office.handle_go"),
    (Kind.ACTION, OfficeId.NEXT): _to("office.handle_go"),
    (Kind.OPTIONS, OfficeId.PICK_HOLDER): _to("office.handle_pick_holder"),
    (Kind.SUBMIT, OfficeId.HOLDER_FORM): _to("register.handle_holder_form"),
    (Kind.SUBMIT, OfficeId.BRAND_FORM): _to("register.handle_brand_form"),
    (Kind.SUBMIT, OfficeId.STANDING_FORM): _to("register.handle_standing_form"),
    (Kind.SUBMIT, OfficeId.STANDING_RULE_FORM): _to("standing.handle_standing_rule_form"),
    (Kind.SUBMIT, OfficeId.LEAD_FORM): _to("register.handle_lead_form"),
    (Kind.SUBMIT, OfficeId.MANDATE_FORM): _to("register.handle_mandate_form"),
    (Kind.ACTION, OfficeId.END_MANDATE): _to("register.handle_end_mandate"),
    (Kind.SUBMIT, OfficeId.PERSON_FORM): _to("roster.handle_person_form"),
    (Kind.ACTION, OfficeId.REMOVE_PERSON): _to("roster.handle_remove_person"),
    (Kind.SUBMIT, OfficeId.GUEST_FORM): _to("roster.handle_guest_form"),
    (Kind.SUBMIT, OfficeId.CENSURE_FORM): _to("misuse.handle_censure_form"),
    (Kind.ACTION, MisuseId.ANSWER): _to("misuse.handle_answer"),
    (Kind.SUBMIT, MisuseId.ANSWER_FORM): _to("misuse.handle_answer_form"),
    (Kind.SUBMIT, OfficeId.STAFF_FORM): _to("roster.handle_staff_form"),
    (Kind.ACTION, OfficeId.REMOVE_STAFF): _to("roster.handle_remove_staff"),
    (Kind.SUBMIT, OfficeId.MANAGER_FORM): _to("account_managers.handle_manager_form"),
    (Kind.SUBMIT, OfficeId.RIGHT_FORM): _to("roster.handle_right_form"),
    (Kind.ACTION, OfficeId.CONFIRM_RIGHT): _to("roster.handle_confirm_right"),
    (Kind.SUBMIT, OfficeId.GROUP_FORM): _to("groups.handle_group_form"),
    (Kind.SUBMIT, OfficeId.MEMBER_FORM): _to("groups.handle_member_form"),
    (Kind.ACTION, OfficeId.REMOVE_MEMBER): _to("groups.handle_remove_member"),
    (Kind.SUBMIT, OfficeId.CHAIR_FORM): _to("groups.handle_chair_form"),
    (Kind.ACTION, OfficeId.REMOVE_CHAIR): _to("groups.handle_remove_chair"),
    (Kind.ACTION, GroupId.FOUND): _to("groups.handle_found"),
    (Kind.SUBMIT, GroupId.APPLY_FORM): _to("groups.handle_apply_form"),
    (Kind.ACTION, GroupId.APPROVE): _to("groups.handle_approve"),
    (Kind.SUBMIT, GroupId.DECLINE_FORM): _to("groups.handle_decline_form"),
    (Kind.ACTION, GroupId.USER_GROUP): _to("groups.handle_user_group"),
    (Kind.ACTION, GroupId.IN_STEP): _to("groups.handle_in_step"),
    (Kind.ACTION, GroupId.TAKE_OUT): _to("groups.handle_take_out"),
    (Kind.ACTION, GroupId.CHART): _to("groups.handle_chart"),
    (Kind.SUBMIT, RosterId.COLLEAGUE_FORM): _to("roster.handle_colleague_form"),
    (Kind.SUBMIT, RosterId.LINE_FORM): _to("roster.handle_line_form"),
    (Kind.ACTION, RosterId.END_LINE): _to("roster.handle_end_line"),
    (Kind.SUBMIT, OfficeId.CHANNEL_FORM): _to("channels.handle_channel_form"),
    (Kind.ACTION, OfficeId.UNBIND): _to("channels.handle_unbind"),
    (Kind.ACTION, OfficeId.LET_IN): _to("channels.handle_let_in"),
    (Kind.EVENT, Event.JOINED): _to("channels.handle_joined"),
    (Kind.EVENT, Event.LEFT): _to("channels.handle_left"),
    (Kind.EVENT, Event.CHANNEL_ARCHIVED): _to("channels.handle_gone"),
    (Kind.EVENT, Event.GROUP_ARCHIVED): _to("channels.handle_gone"),
    (Kind.EVENT, Event.CHANNEL_LEFT): _to("channels.handle_gone"),
    (Kind.EVENT, Event.GROUP_LEFT): _to("channels.handle_gone"),
    (Kind.SUBMIT, OfficeId.CLIENT_FORM): _to("approvals.handle_client_form"),
    (Kind.SUBMIT, OfficeId.WEBHOOK_FORM): _to("approvals.handle_webhook_form"),
    (Kind.SUBMIT, OfficeId.CALENDAR_FORM): _to("approvals.handle_calendar_form"),
    (Kind.ACTION, OfficeId.CREATE_KEY): _to("approvals.handle_create_key"),
    (Kind.ACTION, OfficeId.REVOKE_KEY): _to("approvals.handle_revoke_key"),
    (Kind.ACTION, OfficeId.ROTATE_SECRET): _to("approvals.handle_rotate_secret"),
    (Kind.ACTION, OfficeId.REVIEW): _to("approvals.handle_review"),
    (Kind.SUBMIT, OfficeId.REVIEW_FORM): _to("approvals.handle_review_form"),
    (Kind.ACTION, OfficeId.DECLINE): _to("approvals.handle_decline"),
}


_KINDS = {
    "block_actions": Kind.ACTION,
    "view_submission": Kind.SUBMIT,
    "view_closed": Kind.CLOSE,
    "shortcut": Kind.SHORTCUT,
    "message_action": Kind.SHORTCUT,
    "event_callback": Kind.EVENT,
    "block_suggestion": Kind.OPTIONS,
}


class _Router(AsyncMiddleware):
    """Answers what has a route. What has none is answered at once and counted."""

    def __init__(self, desk: Desk, routes: Routes) -> None:
        self._desk = desk
        self._routes = routes

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002  # Bolt gives it by that name
    ) -> BoltResponse:
        kind = Kind.COMMAND if "command" in req.body else _KINDS.get(text_at(req.body, "type"))
        if kind is None:
            return await next()  # Bolt says that it is unknown
        ident = _ident(kind, req.body)
        handler = self._routes.get((kind, ident))
        if handler is None:
            self._desk.metrics.interaction(kind.value, "unknown", "unrouted").inc()
            return BoltResponse(status=200 if kind in (Kind.EVENT, Kind.ACTION) else 404, body="")
        if isinstance(handler, Later):
            handler = await handler.beside()
        with self._desk.metrics.interaction_duration(kind.value).time():
            return await handle(self._desk, kind, ident, handler, req)


def register(app: AsyncApp, desk: Desk, routes: Routes = ROUTES) -> None:
    """Let a Bolt app answer by these routes."""
    app.use(_Router(desk, routes))


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
