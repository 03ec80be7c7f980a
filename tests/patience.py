"""How long a test waits for what must come: no measure of speed, only the end of hope on a busy machine."""

PATIENCE = 600
"""Seconds. With every processor taken, a process that steps back for the page got 7 % of one."""
