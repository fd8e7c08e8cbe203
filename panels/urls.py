from django.urls import include, path

from panels.views import bundle, following, panels, reporting, representing

# Pages of one panel, each below its address
panel_pages = [
    path("", panels.panel, name="panel"),
    path("bundle/", bundle.bundle, name="panel_bundle"),
    path("bundle.pdf", bundle.bundle_pdf, name="panel_bundle_pdf"),
    path("representations/", representing.representations, name="panel_representations"),
    path("representations/<int:representation_id>/", representing.represent, name="represent"),
    path("representations/<int:representation_id>/refusal/", representing.record_refusal, name="record_refusal"),
    path("files/<int:file_id>/", representing.representation_file, name="representation_file"),
    path("acknowledge/", following.acknowledge, name="acknowledge"),
    path("actions/<int:action_id>/done/", following.record_done, name="record_done"),
    path("report/", reporting.report, name="panel_report"),
    path("report/edit/", reporting.write_report, name="write_report"),
    path("report/seal/", reporting.seal_report, name="seal_report"),
    path("report.pdf", reporting.report_pdf, name="panel_report_pdf"),
]

urlpatterns = [
    path("panels/<int:panel_id>/", include(panel_pages)),
]
