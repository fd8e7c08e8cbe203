"""A column of words as PostgreSQL looks them up: its tsvector, and on other databases an empty text."""

from django.db import models
from django.db.models.lookups import Lookup

ENGLISH = "pg_catalog.english"  # whose stems are used, whatever the database's own setting


class Lexemes(models.Field):
    """Words and their English stems, written by `written.py` alone."""

    def db_type(self, connection):
        return "tsvector" if connection.vendor == "postgresql" else "text"


@Lexemes.register_lookup
class Hold(Lookup):
    """Whether all terms are among the words: each a list of alternatives, each of these a list of beginnings.

    A beginning finds the words that begin so and those of the same stem; one of fewer than LEAST letters only itself.
    PostgreSQL only.
    """

    lookup_name = "hold"
    LEAST = 3
    prepare_rhs = False

    def as_postgresql(self, compiler, connection):
        column, params = self.process_lhs(compiler, connection)
        terms = []
        for alternatives in self.rhs:
            either = []
            for words in alternatives:
                each = [self._beginning(word) for word in words]
                either.append("(" + " && ".join(sql for sql, _ in each) + ")")
                params = [*params, *(value for _, values in each for value in values)]
            terms.append("(" + " || ".join(either) + ")")
        return f"{column} @@ ({' && '.join(terms)})", params

    def _beginning(self, word):
        # Words of letters and digits alone, as `names.folded` gives them: nothing in them to quote
        if len(word) < self.LEAST:
            return "%s::tsquery", [f"'{word}'"]
        return f"(%s::tsquery || plainto_tsquery('{ENGLISH}', %s))", [f"'{word}':*", word]
