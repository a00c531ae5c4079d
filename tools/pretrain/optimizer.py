"""Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/) for the matrices of layers, scaled so that a rate
suits both (Liu et al. 2025, arXiv 2502.16982), and AdamW for the embedding and norms. Only matrices of layers decay.

Muon's momentum is kept in bfloat16: what is rounded off is far below a step's own noise, it is then orthogonalised anyway,
and a checkpoint takes less room without losing anything."""
import torch

MOMENTUM = 0.95
FIRST, SECOND, EPSILON = 0.9, 0.95, 1e-8


def is_muon(name):
    return name.startswith("blk.") and "norm" not in name


def orthogonalize(x):
    """The nearest matrices with singular values near 1; x: [n][rows][columns], rows <= columns. A quintic Newton-Schulz
    iteration with the authors' coefficients, which lift small singular values fastest."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-20)
    if x.is_cuda:
        x = x.bfloat16()
    for _ in range(5):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return x.float()


class Optimizer:
    def __init__(self, weights, weight_decay):
        self.weights, self.weight_decay, self.n_steps = weights, weight_decay, 0
        self.moments, self.groups = {}, {}  # groups: matrices of one shape, which are orthogonalised together
        for name, tensor in weights.items():
            if is_muon(name):
                self.moments[name + ".momentum"] = torch.zeros_like(tensor, dtype=torch.bfloat16)
                self.groups.setdefault(tuple(tensor.shape), []).append(name)
            else:
                self.moments[name + ".first"] = torch.zeros_like(tensor)
                self.moments[name + ".second"] = torch.zeros_like(tensor)

    @torch.no_grad()
    def step(self, rate, clip):
        """One step along the weights' gradients, which are then none. Returns their norm before clipping, as a tensor."""
        gradients = {name: tensor.grad for name, tensor in self.weights.items()}
        norm = torch.stack([gradient.norm() for gradient in gradients.values()]).norm()
        scale = (clip / norm).clamp(max=1.0) if clip > 0 else torch.ones_like(norm)
        torch._foreach_mul_(list(gradients.values()), scale)
        self.n_steps += 1
        for group in self.groups.values():
            self._muon(group, gradients, rate)
        for name, gradient in gradients.items():
            if not is_muon(name):
                self._adam(name, gradient, rate)
            self.weights[name].grad = None
        return norm

    def _muon(self, names, gradients, rate):
        kept = [self.moments[name + ".momentum"] for name in names]
        momentum = MOMENTUM * torch.stack(kept).float() + torch.stack([gradients[name] for name in names])
        torch._foreach_copy_(kept, list(momentum.unbind()))
        direction = torch.stack([gradients[name] for name in names]) + MOMENTUM * momentum  # Nesterov's look ahead
        rows, columns = direction.shape[1:]
        direction = orthogonalize(direction) if rows <= columns else orthogonalize(direction.mT).mT
        matrices = [self.weights[name] for name in names]
        torch._foreach_mul_(matrices, 1 - rate * self.weight_decay)
        torch._foreach_add_(matrices, list(direction.unbind()), alpha=-rate * 0.2 * max(rows, columns) ** 0.5)

    def _adam(self, name, gradient, rate):
        first, second = self.moments[name + ".first"], self.moments[name + ".second"]
        first.lerp_(gradient, 1 - FIRST)
        second.lerp_(gradient.square(), 1 - SECOND)
        root = (second / (1 - SECOND ** self.n_steps)).sqrt_().add_(EPSILON)
        self.weights[name].addcdiv_(first, root, value=-rate / (1 - FIRST ** self.n_steps))
