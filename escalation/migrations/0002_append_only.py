from django.db import migrations

from agencies.append_only import append_only


class Migration(migrations.Migration):
    """Refuse changes to the sealed records, the entries, what was shared and the histories."""

    dependencies = [("escalation", "0001_initial")]
    operations = [
        append_only("escalation", "Record", "RenderedRecord", "Entry", "Decision", "Response", "CommissioningNote")
    ]
