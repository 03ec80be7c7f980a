"""The three things that a network is trained for: classify, reconstruct, embed."""
