"""Events by topic: kept for a while, and passed on to all who follow."""
