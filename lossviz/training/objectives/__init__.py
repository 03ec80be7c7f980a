"""What a run can minimise: described without torch, and built with it."""
