"""Where rows come from and go to: named queries, no rules, no commits."""
