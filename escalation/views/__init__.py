"""The pages of a dispute: each a conversation that asks, calls one action, and sends on."""
