"""Graphs that others wrote, read into ours. See `onnx_model` and `torch_graph`."""
