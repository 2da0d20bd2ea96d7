"""Who may call, attacked over HTTP."""
