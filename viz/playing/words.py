"""What the pages say."""

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
    "at": "Sample {sample}: ({x}) → {target}, loss {loss}",
    "through": "Under an input of the unit stands what comes back to it through this unit alone.",
    "many": "This unit has {count} inputs: too many to draw.",
    "hint": "Choose a unit to see the wires into it, and a point to see the network at that "
    "sample. Blue is above 0 and orange below; dashed weights are negative. Values stand above, "
    "gradients of the sample's loss below.",
}
SPEEDS = [(0.5, "1 in a second"), (0.1, "5 in a second"), (1, "1 a frame"), (5, "5 a frame"),
          (25, "25 a frame")]  # fmt: skip

TYPING = {
    "title": "Type an expression",
    "label": "An expression of names, numbers, + - * / ** and functions such as exp, max, sigmoid",
    "examples": "Examples:",
    "hint": "It is drawn as you type. Values stand above the wires and gradients below; step "
    "through them, drag an input, or let yourself be asked.",
    "reading": "Read as {text}.",
}
FAULTS = {
    "empty": "Write an expression, such as (x+y)*z.",
    "early": "It ends too early.",
    "unfit": "{text} does not fit here.",
    "called": "{name} is a function: {name}(...).",
    "unknown": "No function is called {name}.",
    "one": "{name} takes 1 operand and received {count}.",
    "two": "{name} takes 2 operands and received {count}.",
    "either": "This can be {sign}({first}*{second}) or {sign}{first}*{second}; write one of them.",
    "fixed": "It is a number whatever happens; write a name for what is to be differentiated, such "
    "as x*2.",
    "many": "These are more than {count} gates; write it in Python instead.",
}
# As viz/stepping/moments.py has it.
FRAMES = {
    "graph": "The graph",
    "gates": ["{count} gate", "{count} gates"],
    "inputs": ["{count} input", "{count} inputs"],
    "introduction": "{gates} and {inputs}. Values are computed forward, from the inputs to the "
    "output; then gradients backward: downstream = upstream × local.",
    "described": "Computational graph of {name}, {gates}",
    "forward": "Forward {index} of {count}",
    "backward": "Backward {index} of {count}",
    "rule": "Its rule: {rule}.",
    "part": "to {name}, {index} of {count}: ",
    "far": "{gradient} so far",
}
