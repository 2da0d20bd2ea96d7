"""What tasks depend on, declared once and used by name, as routes do."""
