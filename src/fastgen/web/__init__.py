"""The page on which people choose, read and download a project; installed by the extra `web`."""
