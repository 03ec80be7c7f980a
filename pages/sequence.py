"""Losses of sequences and large outputs."""

from lossviz.ui.head_cost import head_cost
from lossviz.ui.loss_panel import loss_panel
from lossviz.ui.loss_sections import loss_sections
from lossviz.ui.navigation import guard

guard()
panel = loss_panel("sequence")
head_cost(panel.entry)
loss_sections(panel)
