"""What runs behind the answers: tasks, and the processes that run them."""
