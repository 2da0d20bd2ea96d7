"""What happens between the server and the application."""
