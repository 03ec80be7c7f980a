"""Distribution losses: one distribution against another."""

from lossviz.ui.loss_panel import loss_panel
from lossviz.ui.loss_text import loss_text
from lossviz.ui.navigation import guard

guard()
panel = loss_panel("distribution")
loss_text(panel.entry)
