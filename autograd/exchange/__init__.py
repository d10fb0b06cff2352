"""Graphs that others wrote, read into ours. See `onnx_model`."""
