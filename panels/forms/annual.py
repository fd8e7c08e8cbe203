"""What the Board Manager says about a year: to the Board, and to everybody (R34)."""

from escalation.fields import Prose
from escalation.forms.parts import TimedForm


class Commentary(TimedForm):
    """The two commentaries, each of its own version."""

    submit = "Save"
    guidance = {
        "commentary": (
            "For the Board, confidential",
            "What the year showed, and what the Board should decide. The figures, the panels’ reports and what was "
            "learned stand beside it already. Name no adult, worker or address.",
        ),
        "public_commentary": (
            "For everybody",
            "Small numbers are held back from the version for publication. Do not write one here: no number under "
            "five, and nothing from which one could be worked out. Tell nothing by which an adult, a worker or a "
            "single dispute could be recognised.",
        ),
    }

    commentary = Prose(label="Commentary for the Board", rows=8, required=False)
    public_commentary = Prose(label="Commentary for publication", rows=8, required=False)
