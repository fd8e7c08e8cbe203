"""A column of words as PostgreSQL looks them up: its tsvector, and on other databases an empty text."""

from django.db import models
from django.db.models import CharField, Q
from django.db.models.lookups import Lookup

ENGLISH = "pg_catalog.english"  # whose stems are used, whatever the database's own setting


NOTHING = Q(pk=0)  # which no row has; of an empty condition Django would ask nothing at all


@CharField.register_lookup
class Begins(Lookup):
    """Whether a text begins like another, of letters and digits alone (and hyphens); it stands as it is given.

    Django's own `startswith` alters what it is given, so that no query could be worded once for several.
    """

    lookup_name = "begins"

    def as_sql(self, compiler, connection):
        column, params = self.process_lhs(compiler, connection)
        given, values = self.process_rhs(compiler, connection)
        return f"{column} LIKE {given} || '%%'", [*params, *values]


class Lexemes(models.Field):
    """Words and their English stems, written by `written.py` alone."""

    def db_type(self, connection):
        return "tsvector" if connection.vendor == "postgresql" else "text"


@Lexemes.register_lookup
class Hold(Lookup):
    """Whether all terms are among the words: each a list of alternatives, each of these a list of beginnings.

    A beginning is a word, and whether it is found only as it is; else it finds the words that begin so and those of
    the same stem. PostgreSQL only.
    """

    lookup_name = "hold"
    prepare_rhs = False

    def as_postgresql(self, compiler, connection):
        column, params = self.process_lhs(compiler, connection)
        terms, values = self.query(self.rhs)
        return f"{column} @@ ({terms})", [*params, *values]

    @classmethod
    def query(cls, terms):
        """The terms as a tsquery, and its values."""
        all_terms, values = [], []
        for alternatives in terms:
            either = []
            for words in alternatives:
                each = [cls._beginning(*word) for word in words]
                either.append("(" + " && ".join(sql for sql, _ in each) + ")")
                values += [value for _, given in each for value in given]
            all_terms.append("(" + " || ".join(either) + ")")
        return " && ".join(all_terms), values

    @staticmethod
    def _beginning(word, is_whole):
        # Words of letters and digits alone, as `names.folded` gives them: nothing in them to quote
        if is_whole:
            return "('''' || %s || '''')::tsquery", [word]
        return f"(('''' || %s || ''':*')::tsquery || plainto_tsquery('{ENGLISH}', %s))", [word, word]
