"""bin/bench: this application against bare Django views and single SQL statements, on the same servers in one run."""
