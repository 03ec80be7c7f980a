"""lossviz: understand a PyTorch loss function by touching it, then train with it."""
