"""The types, queries and mutations of each resource; all modules of this folder are used."""
