"""What is kept, and that it goes in time."""
