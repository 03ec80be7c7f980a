"""The training page: data, network, loss, settings, then the run and what came of it."""
