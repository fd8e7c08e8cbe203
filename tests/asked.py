"""What a page asks of the database, without what every page asks to know who is there."""

import re

# The session, the person signed in, and what opens and closes a part of a transaction. What is counted of a person for
# the frame of a page is read from the same table, and counts
NOT_COUNTED = re.compile(
    r'"django_session"|^SELECT "agencies_user"\."id", "agencies_user"\."password"|^(RELEASE )?SAVEPOINT'
)


def statements(captured):
    """The statements that were captured, but for signing in and savepoints."""
    return [query["sql"] for query in captured.captured_queries if not NOT_COUNTED.search(query["sql"])]
