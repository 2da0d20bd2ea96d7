"""Single parts, without HTTP."""
