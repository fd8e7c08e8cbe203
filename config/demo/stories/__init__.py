"""The stories of the demo: one dispute each. Everybody in them is invented."""

from config.demo.stories import ended_early, ended_late, on_paper, panels, stage_one, stage_two, upper

STORIES = [
    *ended_early.STORIES,
    *ended_late.STORIES,
    *on_paper.STORIES,
    *panels.STORIES,
    *upper.STORIES,
    *stage_two.STORIES,
    *stage_one.STORIES,
]
