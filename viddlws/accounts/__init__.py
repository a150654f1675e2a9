"""Who: the people and how they prove it."""
