"""How fast fastgen is, and how fast what it generates is."""
