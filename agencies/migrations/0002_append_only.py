from django.db import migrations

from agencies.append_only import append_only


class Migration(migrations.Migration):
    """Refuse changes to the trail and the histories."""

    dependencies = [("agencies", "0001_initial")]
    operations = [append_only("agencies", "Act")]
