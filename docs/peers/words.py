"""What the pages say around their tables."""

MADE = "<!-- Made by `python docs/refresh_peers.py` from docs/peers: edit that, not this file. -->"

BEFORE = {
    "Optimisers": """\
## Defaults

What is done when nothing is said. JAX has Optax's optimisers and losses beside it, and no layers.

Each optimiser moves a weight of 1 at a rate of 0.1, with all else as it comes: by how much in the
first step, and in the second.

""",
}
"""What stands before the table of a title."""

KINDS = {
    "functions": "Functions",
    "methods": "Methods of a Tensor",
    "networks": "In `nn`",
    "models": "On a model",
    "optimisers": "In `nn.optim`",
    "keywords": "Keywords in `nn`",
}

DIFFERING = """## What differs

Written as its users write it. [All rows](coming-from.md) are on a page of their own.

"""

NAMES = """## Names

What our errors answer to a word of that library; `t` and `u` are Tensors, `f` is a function.
NumPy's names need no table: its functions take our Tensors.

"""

HEAD = """# Coming from another library

{made}

What differs between gategrad and the libraries beside it, as the libraries themselves answered on
{day}: {versions}. What is **bold** differs from ours; a dash is what a library does not have.
Derivatives are in float64; what has a default type is in that. Tests hold the columns of gategrad
and of PyTorch to what the two say today.

How to say here what you know from [PyTorch](coming-from-pytorch.md), [JAX](coming-from-jax.md),
[Keras](coming-from-keras.md), [scikit-learn](coming-from-scikit-learn.md),
[HIPS autograd](coming-from-hips-autograd.md) or [MyGrad](coming-from-mygrad.md) has a page each.

## Derivatives where there is none, or not one alone

At a corner or a tie a library chooses. Ours in a sentence: an entry that is chosen gets the
gradient, those that tie share it, and where a slope jumps from −1 to 1 it is 0. The conventions of
all gates are in the last column of [The gates](gates.md). Each library was asked in its own words;
those of the rows that differ are on its page. Keras runs on JAX.
"""

PAGE = """# Coming from {library}

{made}

{first}
"""

FIRST = {
    "PyTorch": """\
| | PyTorch | gategrad |
| --- | --- | --- |
| a leaf | `x = torch.tensor(3.0, requires_grad=True)` | `x = ag.Tensor(3.0)` |
| without gradient | `torch.tensor(3.0)` | `3.0`, or `ag.Tensor(3.0, requires_grad=False)` |
| backward | `y.backward(); x.grad` | `y.backward(); x.grad`, an array |
| once more | adds to `x.grad` | adds to `x.grad` |
| a second derivative | `torch.autograd.grad(y, x, create_graph=True)` | `ag.grad(ag.grad(f))` |
| no graph | `with torch.no_grad():` | `with ag.no_grad():` |
| a program | `torch.compile(f)` | `ag.compile(f)` |
| own gate | `class G(torch.autograd.Function)` | `ag.gate(forward, vjp=...)` |
| weights | `weight.shape` of `torch.nn.Linear(3, 2)` is (2, 3) | of `nn.Linear(3, 2)` (3, 2) |
| a model of theirs | `module.eval()` | `f = ag.from_torch(module, example)` ([more](models.md)) |
| a model of ours | `torch.nn.Module` | `nn.as_torch(model)` |
""",
    "JAX": """\
| | JAX | gategrad |
| --- | --- | --- |
| gradient | `jax.grad(f)(x)` | `ag.grad(f)(x)` |
| with the value | `jax.value_and_grad(f)(x)` | `ag.value_and_grad(f)(x)` |
| by several | `jax.grad(f, argnums=(0, 1))` | `ag.grad(f, argnums=(0, 1))` |
| Jacobian | `jax.jacrev(f)(x)` | `ag.jacobian(f)(x)` |
| a program | `jax.jit(f)` | `ag.compile(f)`, or on JAX `ag.compile(f, backend="jax")` |
| its text | `jax.make_jaxpr(f)(x)` | `print(fast.program)` |
| many at once | `jax.vmap(f)` | `ag.vmap(f)` |
| own gate | `jax.custom_vjp` | `ag.gate(forward, vjp=...)` |
| precision | float32 unless `jax_enable_x64` | that of the arrays |
| an array from there | `jnp.ones(2)` | as NumPy's; not while `jax.jit` traces |
| a function from there | `jnp.tanh(x)` | `np.tanh(x)`, which takes Tensors |
""",
    "Keras": """\
| | Keras | gategrad |
| --- | --- | --- |
| layers | `keras.layers.Dense(2)` | `nn.Linear(3, 2)`: how many inputs is said |
| a model | `keras.Sequential([...])` | `nn.Sequential(...)` |
| training | `model.compile(...)`, `model.fit(X, y)` | `nn.fit(model, X, y, ...)` |
| images | channels last | channels first |
| heads | a softmax, and a loss of probabilities | logits, and a loss of logits |
| weights | `kernel.shape` is (inputs, outputs) | `weight.shape` is the same |
| files | `model.save("m.keras")` | `nn.load("m.keras", into=model)` reads it |
| a graph | `model.export("m.onnx", format="onnx")` | `ag.from_onnx("m.onnx")` ([more](models.md)) |
| on PyTorch | `KERAS_BACKEND=torch` | `f = ag.from_torch(model, example)`, too |
""",
    "scikit-learn": """\
| | scikit-learn | gategrad |
| --- | --- | --- |
| an estimator | `MLPClassifier((16,))` | `nn.estimators.NetworkClassifier(...)` |
| fitted there | `MLPClassifier((16,)).fit(X, y)` | `nn.from_sklearn(fitted)` |
| probabilities | `fitted.predict_proba(X)` | `nn.predict_proba(model, X)` |
| weights | `coefs_[0].shape` is (inputs, outputs) | `weight.shape` is the same |
""",
    "HIPS autograd": """\
Its package is called `autograd` too: one environment holds one of the two.

| | HIPS autograd | gategrad |
| --- | --- | --- |
| NumPy | `import autograd.numpy as np` | `import numpy as np` |
| gradient | `grad(f)(x)` | `ag.grad(f)(x)` |
| entry by entry | `elementwise_grad(f)(x)` | `ag.grad(lambda x: np.sum(f(x)))(x)` |
| Jacobian, Hessian | `jacobian(f)(x)`, `hessian(f)(x)` | `ag.jacobian(f)(x)`, `ag.hessian(f)(x)` |
| own gate | `@primitive` and `defvjp` | `ag.gate(forward, vjp=...)` |
| check | `check_grads(f)(x)` | `ag.gradcheck(f, x)` |
""",
    "MyGrad": """\
| | MyGrad | gategrad |
| --- | --- | --- |
| a leaf | `x = mg.tensor(3.0)` | `x = ag.Tensor(3.0)` |
| NumPy | `np.exp(x)`, or `mg.exp(x)` | `np.exp(x)`, or `ag.exp(x)` |
| backward | `y.backward(); x.grad` | `y.backward(); x.grad` |
| twice | frees the graph | the graph stays, and gradients add up |
| a second derivative | – | `ag.grad(ag.grad(f))` |
| no graph | `with mg.no_autodiff:` | `with ag.no_grad():` |
""",
}
"""The few lines that everybody needs first."""
