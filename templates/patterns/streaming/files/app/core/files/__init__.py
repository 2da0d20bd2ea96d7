"""Files that clients send: kept on disk, whole or not at all."""
