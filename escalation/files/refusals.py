"""What is said of a file that is not taken."""


class FileRefused(Exception):
    """A file that is not taken; says why, and what to do instead, in words for whoever sent it."""

    def __init__(self, name, why):
        super().__init__(f"{name} {why}")
        self.name = name


class Unfit(Exception):
    """Why a file is not taken, as the sentence goes on after its name."""
