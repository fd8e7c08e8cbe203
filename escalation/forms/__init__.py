"""What the pages ask, by noun; `parts.py` holds the fields that several forms share."""
