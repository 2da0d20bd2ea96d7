"""Pages for admins, by SQLAdmin. They read; what changes rows are the services of the API."""
