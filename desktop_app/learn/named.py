"""Modules whose parameters are named after what they are in the graph, dots and slashes included."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn


class NamedModule(nn.Module):
    """A module that takes its own state back, whatever characters its names have."""

    @torch.no_grad()
    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False) -> Any:
        """Takes a state of the same names; torch's takes dots for modules. Raises KeyError, RuntimeError."""
        for name, tensor in self.state_dict().items():
            if name in state_dict or strict:
                tensor.copy_(state_dict[name])
