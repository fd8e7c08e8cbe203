"""How files arrive: only at pages that take them, on disk and not in memory, and no more than would be kept."""


def takes_files(view):
    """Mark a view as a page that takes files; every other page lets go of what is sent to it."""
    view.takes_files = True
    return view
