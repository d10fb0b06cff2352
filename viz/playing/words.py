"""What the pages say; their scripts put names and numbers in."""

from __future__ import annotations

from autograd.extend import phrase, say, say_count

LEARNING = {
    "train": phrase("Train"),
    "pause": phrase("Pause"),
    "step": phrase("One update"),
    "reset": phrase("Reset"),
    "renew": phrase("New weights"),
    "settings": phrase("Settings"),
    "rate": phrase("learning rate"),
    "activation": phrase("activation"),
    "given": phrase("as given"),
    "batch": phrase("batch"),
    "all": phrase("all"),
    "noise": phrase("noise"),
    "speed": phrase("speed"),
    "sample": phrase("sample"),
    "stats": phrase("update {update} · epoch {epoch} · loss {loss}"),
    "right": phrase("{share} % right"),
    "loss": phrase("loss {loss}"),
    "curve": phrase("The loss of all samples, update by update"),
    "plane": phrase("What the network makes of its inputs, and the samples"),
    "network": phrase("The network at one sample"),
    "unit": phrase("{name}: value {value}, gradient {gradient}"),
    "at": phrase("Sample {sample}: ({x}) → {target}, loss {loss}"),
    "through": phrase(
        "Under an input of the unit stands what comes back to it through this unit alone."
    ),
    "many": phrase("This unit has {count} inputs: too many to draw."),
    "diverged": phrase(
        "The loss is no finite number any more: Reset, and a smaller learning rate."
    ),
    "hint": phrase(
        "Choose a unit to see the wires into it, and a point to see the network at that sample. "
        "Blue is above 0 and orange below; dashed weights are negative. Values stand above, "
        "gradients of the sample's loss below."
    ),
}
SPEEDS = {
    2: phrase("2 a second"),
    10: phrase("10 a second"),
    60: phrase("60 a second"),
    300: phrase("300 a second"),
    1500: phrase("1,500 a second"),
}
"""Updates a second."""

TYPING = {
    "title": phrase("Type an expression"),
    "label": phrase(
        "An expression of names, numbers, + - * / ** and functions such as exp, max, sigmoid"
    ),
    "examples": phrase("Examples:"),
    "hint": phrase(
        "It is drawn as you type. Values stand above the wires and gradients below; step through "
        "them, drag an input, or let yourself be asked."
    ),
    "reading": phrase("Read as {text}."),
    "meant": phrase("{name} is read as one name; did you mean {other}?"),
}
FAULTS = {
    "empty": phrase("Write an expression, such as (x+y)*z."),
    "early": phrase("It ends too early."),
    "unfit": phrase("{text} does not fit here."),
    "between": phrase(
        "No sign stands between {first} and {second}; for a product write {first}*{second}."
    ),
    "called": phrase("{name} is a function: write {name}({given})."),
    "unknown": phrase("No function is called {name}; known are {known}."),
    "near": phrase("No function is called {name}; did you mean {known}?"),
    "product": phrase("No function is called {name}; for a product write {name}*(...)."),
    "one": phrase("{name} takes 1 operand and received {count}."),
    "two": phrase("{name} takes 2 operands and received {count}."),
    "either": phrase(
        "This can be {sign}({first}*{second}) or {sign}{first}*{second}; write one of them."
    ),
    "fixed": phrase(
        "It is a number whatever happens; write a name for what is to be differentiated, such as "
        "x*2."
    ),
    "many": phrase("These are more than {count} gates; write it in Python instead."),
    "power": phrase("{text} is not a power here; write {left}**{right}."),
    "absolute": phrase("Write abs(x) for |x|."),
    "root": phrase("Write sqrt(x) for √x."),
    "whole": phrase("Write what stands on the right of = alone."),
    "operators": phrase("The operators are + - * / **."),
    "choices": phrase("There are no comparisons; max(a, b), min(a, b) and relu(x) choose."),
    "attributes": phrase("There are no attributes; write functions as in exp(x)."),
    "subscripts": phrase("There are no subscripts; give each number a name of its own."),
    "comma": phrase("A comma stands between a function's operands only; decimals have a point."),
}
SIGNS = {"^": "power", "//": "operators", "%": "operators", "@": "operators", "<": "choices",
         ">": "choices", "=": "whole", ".": "attributes", "[": "subscripts", ",": "comma",
         "|": "absolute", "√": "root"}  # fmt: skip
"""Signs that expressions do not have, and which fault they are."""


class _Gap(str):
    """A name in braces that stays, whatever it is formatted by."""

    def __format__(self, spec: str) -> str:
        return str(self)


def said(table: dict[str, str]) -> dict[str, str]:
    """The phrases of a table in the reader's language."""
    return {name: say(text) for name, text in table.items()}


def frames() -> dict[str, str | list[str]]:
    """What stands around the formulas of a step, in the phrases of viz/stepping/moments.py."""
    count = _Gap("{count}")
    introduction = say(
        "Values are computed forward, from the inputs to the output; then gradients backward: "
        "downstream = upstream × local."
    )
    return {
        "gates": [
            say_count("{count:,} gate", "{count:,} gates", n, count=count) for n in (1, 2)
        ],
        "inputs": [
            say_count("{count:,} input", "{count:,} inputs", n, count=count) for n in (1, 2)
        ],
        "described": [
            say_count(
                "Computational graph of {name}, {count:,} gate",
                "Computational graph of {name}, {count:,} gates", n, count=count,
                name=_Gap("{name}"),
            )
            for n in (1, 2)
        ],
        "introduction": f"{say('{gates} and {inputs}.')} {introduction}",
        "rule": say("Its rule: {rule}."),
        "part": f"{say('to {name}, {number} of {count}:')} ",
        "far": say("{gradient} so far"),
    }  # fmt: skip
