"""What the pages of a panel ask, and how it must look."""
