"""Classification losses: which class, from logits or probabilities."""

from lossviz.ui.loss_panel import loss_panel
from lossviz.ui.loss_sections import loss_sections
from lossviz.ui.navigation import guard

guard()
loss_sections(loss_panel("classification"))
