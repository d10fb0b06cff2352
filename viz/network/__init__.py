"""Networks as circles and lines: `draw_network`."""
