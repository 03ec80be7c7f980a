"""Box losses: how well two boxes overlap."""

from lossviz.ui.loss_panel import loss_panel
from lossviz.ui.loss_text import loss_text
from lossviz.ui.navigation import guard

guard()
panel = loss_panel("boxes")
loss_text(panel.entry)
