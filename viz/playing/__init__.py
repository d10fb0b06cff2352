"""A network that learns in its page, and expressions typed into one: `viz.playground`."""
