"""What the page of a learning network says."""

WORDS = {
    "train": "Train",
    "pause": "Pause",
    "step": "One update",
    "reset": "Reset",
    "renew": "New weights",
    "settings": "Settings",
    "rate": "learning rate",
    "activation": "activation",
    "batch": "batch",
    "all": "all",
    "noise": "noise",
    "speed": "speed",
    "sample": "sample",
    "update": "update",
    "epoch": "epoch",
    "loss": "loss",
    "right": "right",
    "curve": "The loss of all samples, update by update",
    "plane": "What the network makes of the plane of its inputs",
    "network": "The network at one sample",
    "value": "value",
    "gradient": "gradient",
    "wires": "The wires into this unit",
    "input": "input",
    "weight": "weight",
    "product": "product",
    "toWeight": "dL/d weight",
    "toInput": "to the input",
    "sum": "sum of the products",
    "hint": "Choose a unit to see the wires into it, and a point to see the network at that "
    "sample. Blue is above 0 and orange below; dashed weights are negative. Values stand above, "
    "gradients of the sample's loss below.",
}
SPEEDS = [(0.5, "1 in a second"), (0.1, "5 in a second"), (1, "1 a frame"), (5, "5 a frame"),
          (25, "25 a frame")]  # fmt: skip
