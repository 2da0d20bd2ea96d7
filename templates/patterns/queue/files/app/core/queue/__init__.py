"""Work that may not be lost: tasks, where they wait, and who runs them."""
