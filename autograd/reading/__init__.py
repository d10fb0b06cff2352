"""Graphs that other libraries wrote, read as graphs of gates."""
