"""Matplotlib plots of training and of models, in one look with the graphs' pictures."""
