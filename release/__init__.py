"""Makes a release; nothing here is a part of the package."""
