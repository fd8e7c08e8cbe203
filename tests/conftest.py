"""The cast: people of several agencies, one of whom must see nothing."""
