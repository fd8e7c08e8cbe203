"""Stage four: Resolution Panels, convened by the Independent Chair."""
