"""Layers: modules of one step each."""
