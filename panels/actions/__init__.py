"""Every change of state of a panel: one function each, in the order lock, check, change, record, tell."""
