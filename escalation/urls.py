from django.urls import include, path, register_converter
from django.urls.converters import StringConverter

from escalation.views import (
    after_event,
    board,
    clockwork,
    copies,
    cover,
    disputes,
    evidence,
    filing,
    home,
    links,
    listed,
    moves,
    people,
    raising,
    recording,
    records,
    register,
    sharing,
)


class DraftKey(StringConverter):
    """The opaque key of a draft, no longer than its column."""

    regex = "[A-Za-z0-9_-]{16,24}"


class LinkKey(StringConverter):
    """The opaque key of a link."""

    regex = "[A-Za-z0-9_-]{43}"


register_converter(DraftKey, "key")
register_converter(LinkKey, "link_key")

raise_pages = [
    path("disputes/new/", raising.raise_dispute, name="raise_dispute"),
    path("disputes/new/<key:key>/check/", raising.raise_check, name="raise_check"),
    path("disputes/new/<key:key>/done/", raising.raise_done, name="raise_done"),
    path("disputes/new/<key:key>/throw-away/", raising.raise_throw_away, name="raise_throw_away"),
    path("disputes/new/<key:key>/<slug:page>/", raising.raise_page, name="raise_page"),
]

after_event_pages = [
    path("disputes/after-the-event/", after_event.after_event, name="after_event"),
    path("disputes/after-the-event/check/", after_event.after_event_check, name="after_event_check"),
]

record_pages = [
    path("records/blank.pdf", records.blank_record, name="blank_record"),
    path("disputes/<str:reference>/records/", records.records, name="records"),
    path("disputes/<str:reference>/records/<int:stage>.pdf", records.record_pdf, name="record_pdf"),
    path("disputes/<str:reference>/handover.pdf", records.handover_pdf, name="handover"),
    path("disputes/<str:reference>/pack.zip", records.pack, name="pack"),
    path("disputes/<str:reference>/records/blank.pdf", records.blank_record, name="blank_record"),
]

register_pages = [
    path("register/", register.register, name="register"),
    path("register.csv", register.register_file, {"kind": "csv"}, name="register_csv"),
    path("register.xlsx", register.register_file, {"kind": "xlsx"}, name="register_xlsx"),
    path("register/views/new/", register.save_view, name="save_view"),
    path("register/views/<int:view_id>/delete/", register.delete_view, name="delete_view"),
    path("register/exports/", register.ask_export, name="ask_export"),
    path("register/exports/<int:export_id>/", register.export, name="export"),
    path("register/exports/<int:export_id>/file/", register.export_file, name="export_file"),
]

# For people without an account: each opens with a code of its own, and shows one thing
link_pages = [
    path("links/<link_key:key>/", links.link, name="link"),
    path("links/<link_key:key>/code/", links.link_code, name="link_code"),
    path("links/<link_key:key>/records/<int:stage>.pdf", links.link_record, name="link_record"),
    path("links/<link_key:key>/reply/", links.link_reply, name="link_reply"),
    path("links/<link_key:key>/check/", links.link_check, name="link_check"),
]

pages = [
    path("", home.home, name="home"),
    path("approvals/", home.approvals, name="approvals"),
    path("people/cover/", cover.cover, name="cover"),
    path("people/cover/<int:cover_id>/end/", cover.end_cover, name="end_cover"),
    path("filing/", filing.not_filed, name="not_filed"),
    path("learning/", sharing.learning_points, name="learning"),
    path("clockwork/", clockwork.clockwork, name="clockwork"),
    path("disputes/", listed.disputes, name="disputes"),
    path("disputes/<str:reference>/", disputes.dispute, name="dispute"),
    path("disputes/<str:reference>/timeline/", disputes.timeline, name="timeline"),
]

# What may be done with a dispute: each move of stages.MOVES at an address of its own
act_pages = [
    path("entries/new/", recording.add_entry, name="add_entry"),
    path("discussions/<int:discussion_id>/entry/", recording.add_entry_to, name="add_entry_to"),
    path("view/", recording.state_view, name="state_view"),
    path("consultations/new/", recording.record_consultation, name="record_consultation"),
    path("meeting/", recording.record_mdt, name="record_mdt"),
    path("concerns/new/", recording.refer_concern, name="refer_concern"),
    path("death/", recording.record_death, name="record_death"),
    path("evidence/", evidence.evidence, name="evidence"),
    path("evidence/new/", evidence.add_evidence, name="add_evidence"),
    path("evidence/<int:file_id>/", evidence.evidence_file, name="evidence_file"),
    path("evidence/items/<int:evidence_id>/remove/", evidence.remove_evidence, name="remove_evidence"),
    path("details/<str:section>/", recording.amend, name="amend"),
    path("statements/", recording.amend_statements, name="amend_statements"),
    path("people/", people.dispute_people, name="dispute_people"),
    path("people/name/", people.name_representative, name="name_representative"),
    path("people/suggest/", people.suggest_representative, name="suggest_representative"),
    path("agencies/add/", people.add_agency, name="add_agency"),
    path("agency/", people.choose_agency, name="choose_agency"),
    path("escalate/", moves.escalate, name="escalate"),
    path("requests/<int:request_id>/", moves.decide_request, name="decide_request"),
    path("requests/<int:request_id>/way-round/", moves.go_round, name="go_round"),
    path("send-to-chair/", moves.send_to_chair, name="send_to_chair"),
    path("proposals/new/", moves.propose, name="propose"),
    path("proposals/<int:proposal_id>/", moves.answer_proposal, name="answer_proposal"),
    path("clarify/", moves.clarify, name="clarify"),
    path("withdraw/", moves.withdraw, name="withdraw"),
    path("withdrawals/<int:withdrawal_id>/", moves.decide_withdrawal, name="decide_withdrawal"),
    path("chair/", board.inform_chair, name="inform_chair"),
    path("involvement/", board.record_involvement, name="record_involvement"),
    path("conveyed/", board.convey, name="convey"),
    path("copies/", copies.copies, name="copies"),
    path("copies/new/", copies.record_copy, name="record_copy"),
    path("links/new/", copies.make_link, name="make_link"),
    path("links/ask/", copies.ask_reply, name="ask_reply"),
    path("links/<int:link_id>/withdraw/", copies.withdraw_link, name="withdraw_link"),
    path("replies/<int:reply_id>/", copies.confirm_reply, name="confirm_reply"),
    path("learning/new/", sharing.record_learning, name="record_learning"),
    path("commissioning/new/", sharing.share_passages, name="share_passages"),
    path("commissioning/<int:note_id>/", sharing.commissioning_note, name="commissioning_note"),
    path("commissioning/<int:note_id>.pdf", sharing.commissioning_pdf, name="commissioning_pdf"),
    path("filing/", filing.file_record, name="file_record"),
    path("filing/for/<int:agency_id>/", filing.file_record, name="file_record_for"),
    path("filing/<int:filing_id>/", filing.correct_filing, name="correct_filing"),
]

# The pages of raising stand first: "new" is no reference
urlpatterns = [
    *raise_pages,
    *after_event_pages,
    *link_pages,
    *record_pages,
    *pages,
    *register_pages,
    path("disputes/<str:reference>/", include(act_pages)),
]
