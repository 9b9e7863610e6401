"""What everything in the graph's scene draws with."""

from dataclasses import dataclass, field

from desktop_app.ui.graph.brush import Brush
from desktop_app.ui.graph.looks import Looks
from desktop_app.ui.graph.marks import Marks
from desktop_app.ui.graph.sizes import Sizes


@dataclass
class Paint:
    """Colours, sizes and figures that all items share, and what is selected."""

    brush: Brush
    sizes: Sizes
    looks: Looks
    marks: Marks = field(default_factory=Marks)
