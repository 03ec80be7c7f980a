"""Classification losses: which class, from logits or probabilities."""

from lossviz.ui.loss_panel import loss_panel
from lossviz.ui.loss_text import loss_text
from lossviz.ui.navigation import guard

guard()
panel = loss_panel("classification")
loss_text(panel.entry)
