"""A layout for computational graphs: time along one axis, what happens at once across it."""
