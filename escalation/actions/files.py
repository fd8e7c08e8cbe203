"""Files of a dispute as rows: added with what they belong to, and let go or removed by the virus check."""


def add_files(*, dispute, kept, by, agency, at, evidence=None):
    """Write the rows of files in the storage, inside an action that holds the dispute's lock; gives them.

    Conflict where the dispute would hold more than EVIDENCE_TOTAL_MAX_MB. With a scanner they wait as "checking", and
    it is asked on commit; without one they are "unscanned".
    """
    raise NotImplementedError


def check_files(now):
    """Have every file that waits checked for viruses; gives counts. `now` is a function.

    Clean: it may be opened. A virus: its content is removed, the row stays and says so. No answer: it stays held.
    """
    raise NotImplementedError
