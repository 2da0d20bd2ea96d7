"""Messages to everybody who listens, in all processes of the service."""
