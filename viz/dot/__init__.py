"""Graphviz: pictures as DOT text, and its layout for those who want it (`layout="dot"`)."""
