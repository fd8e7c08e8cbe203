from django.urls import include, path

from panels.views import (
    annual,
    bundle,
    convening,
    dashboard,
    deciding,
    following,
    panels,
    reporting,
    representing,
    sittings,
)

# Pages of one panel, each below its address
panel_pages = [
    path("", panels.panel, name="panel"),
    path("invitation.ics", panels.invitation, name="invitation"),
    path("members/add/", convening.add_member, name="add_member"),
    path("members/<int:member_id>/stand-down/", convening.stand_down, name="stand_down"),
    path("members/<int:member_id>/declaration/", convening.declare_for, name="declare_for"),
    path("members/<int:member_id>/answer/", sittings.answer_for, name="answer_for"),
    path("declaration/", convening.declare_conflict, name="declare_conflict"),
    path("answer/", sittings.answer_invitation, name="answer_invitation"),
    path("sittings/new/", sittings.arrange_sitting, name="arrange_sitting"),
    path("sittings/<int:sitting_id>/", sittings.rearrange_sitting, name="rearrange_sitting"),
    path("sittings/<int:sitting_id>/cancel/", sittings.cancel_sitting, name="cancel_sitting"),
    path("sittings/<int:sitting_id>/attendance/", sittings.record_attendance, name="record_attendance"),
    path("sittings/<int:sitting_id>/adjourn/", sittings.adjourn_sitting, name="adjourn_sitting"),
    path("decision/", deciding.panel_decision, name="panel_decision"),
    path("decision/record/", deciding.record_decision, name="record_decision"),
    path("decision/actions/new/", deciding.add_panel_action, name="add_panel_action"),
    path("decision/actions/<int:action_id>/", deciding.change_panel_action, name="change_panel_action"),
    path("decision/actions/<int:action_id>/remove/", deciding.remove_panel_action, name="remove_panel_action"),
    path("decision/sign-off/", deciding.sign_off, name="sign_off"),
    path("bundle/", bundle.bundle, name="panel_bundle"),
    path("bundle.pdf", bundle.bundle_pdf, name="panel_bundle_pdf"),
    path("representations/", representing.representations, name="panel_representations"),
    path("representations/<int:representation_id>/", representing.represent, name="represent"),
    path("representations/<int:representation_id>/refusal/", representing.record_refusal, name="record_refusal"),
    path("files/<int:file_id>/", representing.representation_file, name="representation_file"),
    path("acknowledge/", following.acknowledge, name="acknowledge"),
    path("acknowledge/<int:agency_id>/", following.acknowledge_for, name="acknowledge_for"),
    path("actions/<int:action_id>/done/", following.record_done, name="record_done"),
    path("report/", reporting.report, name="panel_report"),
    path("report/edit/", reporting.write_report, name="write_report"),
    path("report/seal/", reporting.seal_report, name="seal_report"),
    path("report.pdf", reporting.report_pdf, name="panel_report_pdf"),
]

annual_pages = [
    path("annual/", annual.years, name="annual"),
    path("annual/<int:year>/", annual.year, name="annual_year"),
    path("annual/<int:year>.pdf", annual.year_pdf, name="annual_pdf"),
    path("annual/<int:year>/publication/", annual.published, name="annual_published"),
    path("annual/<int:year>/publication.pdf", annual.published_pdf, name="annual_published_pdf"),
    path("annual/<int:year>/commentary/", annual.edit, name="annual_edit"),
    path("annual/<int:year>/submit/", annual.submit, name="annual_submit"),
]

urlpatterns = [
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    *annual_pages,
    path("panels/", panels.panels, name="panels"),
    path("disputes/<str:reference>/convene/", convening.convene, name="convene_panel"),
    path("panels/<int:panel_id>/", include(panel_pages)),
]
