"""What clients see, over HTTP."""
