"""Stage four: Resolution Panels, convened by the Independent Chair. Not built yet; a dispute waits for the Chair."""
