"""Infrastructure of every service. It imports no other package."""
