"""Keeps what reads answer, in the process or in Redis, for as long as it is true."""
