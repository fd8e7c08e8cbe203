"""Tables whose rows are added and never changed: the trail, the histories, the sealed records (R43).

A trigger refuses UPDATE and DELETE on both databases. On PostgreSQL the owner of a table could still drop the
trigger or truncate the table: real protection is a role that does not own the tables (docs/operating.md).
"""

from django.db import migrations

PG_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
PG_TRIGGER = (
    'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "{table}" FOR EACH ROW EXECUTE FUNCTION refuse_change()'
)
SQLITE_TRIGGER = """
CREATE TRIGGER "{table}_no_{act}" BEFORE {act} ON "{table}"
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""


def append_only(app_label, *names):
    """A migration's operation that makes these models, and every history of the app so far, append-only."""

    def tables(apps):
        for model in apps.get_app_config(app_label).get_models():
            if model.__name__.startswith("Historical") or model.__name__ in names:
                yield model._meta.db_table

    def forwards(apps, schema_editor):
        for statement in _statements(schema_editor, tables(apps)):
            schema_editor.execute(statement, params=None)  # the % in it is its own

    def backwards(apps, schema_editor):
        for table in tables(apps):
            if schema_editor.connection.vendor == "postgresql":
                schema_editor.execute(f'DROP TRIGGER IF EXISTS append_only ON "{table}"')
            else:
                for act in ("UPDATE", "DELETE"):
                    schema_editor.execute(f'DROP TRIGGER IF EXISTS "{table}_no_{act}"')

    return migrations.RunPython(forwards, backwards)


def _statements(schema_editor, tables):
    if schema_editor.connection.vendor == "postgresql":
        yield PG_FUNCTION
        yield from (PG_TRIGGER.format(table=table) for table in tables)
    else:
        yield from (SQLITE_TRIGGER.format(table=table, act=act) for table in tables for act in ("UPDATE", "DELETE"))
