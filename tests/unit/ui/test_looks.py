"""What came with a model is at hand at once, and belongs to that model only."""

from desktop_app.core.look import LayerLook
from desktop_app.jobs.messages import Opened


def test_looks_that_came_with_the_model_are_not_asked_for(looks, document, summary):
    first, second = (layer.name for layer in summary.layers[:2])
    looks.expect((LayerLook(first, "seen"),))
    document.show(Opened(summary, "/snapshot"))
    looks.want(first)
    assert looks.of(first).reason == "seen"
    assert not looks._aside.asks("layer")
    looks.want(second)
    assert looks._aside.asks("layer")
    document.show(Opened(summary, "/other"))
    assert looks.of(first) is None
