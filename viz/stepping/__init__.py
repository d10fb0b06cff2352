"""The parts of `viz.step`: the story of a derivation, and the page that tells it."""
