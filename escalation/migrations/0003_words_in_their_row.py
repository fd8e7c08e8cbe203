from django.db import migrations

STATEMENT = "ALTER TABLE escalation_written {}"


def keep_together(apps, editor):
    """Where common words are looked for one dispute after the other, a row is read at once, whole."""
    if editor.connection.vendor == "postgresql":
        editor.execute(STATEMENT.format("SET (toast_tuple_target = 8160)"))


def keep_apart(apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute(STATEMENT.format("RESET (toast_tuple_target)"))


class Migration(migrations.Migration):
    """Keep the words of a dispute in its row, not beside the table, up to what a page of PostgreSQL holds."""

    dependencies = [("escalation", "0002_append_only")]
    operations = [migrations.RunPython(keep_together, keep_apart)]
