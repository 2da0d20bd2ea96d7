"""A token for profiles."""

TOKEN = "0123456789-abcdefghijklmnopqrstuvwxyz"
PROFILED = {"X-Profile": TOKEN}
