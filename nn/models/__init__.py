"""Models: modules made of layers."""
