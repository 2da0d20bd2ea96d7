"""Real time: publish/subscribe between processes, and what is built on it."""
