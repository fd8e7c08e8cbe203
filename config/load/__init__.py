"""Many disputes at once, for measuring: a few are played through the actions, and cast over and over by COPY."""
