"""Redis: client, circuit breaker, and the storage of rate limits."""
