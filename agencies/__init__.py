"""Who we are: agencies, their people and roles, and the trail of what they did."""
