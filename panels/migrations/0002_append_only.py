from django.db import migrations

from agencies.append_only import append_only


class Migration(migrations.Migration):
    """Refuse changes to acknowledgements, rendered documents and the histories."""

    dependencies = [("panels", "0001_initial")]
    operations = [append_only("panels", "Acknowledgement", "RenderedDocument")]
