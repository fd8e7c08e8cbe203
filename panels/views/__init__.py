"""The pages of panels: one function each."""
