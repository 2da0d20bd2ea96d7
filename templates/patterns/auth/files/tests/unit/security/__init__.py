"""The parts behind the checks of callers."""
