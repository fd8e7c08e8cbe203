"""The demo: invented agencies, people and disputes, brought about by the same actions as the pages use."""
