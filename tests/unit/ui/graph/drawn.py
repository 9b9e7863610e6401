"""Waiting for the graph."""


def wait_drawn(qtbot, window, boxes=None):
    """Waits until the graph is drawn, with so many boxes."""
    view = window.workspace.graph

    def drawn():
        stage = view.stage
        return stage is not None and not view.busy and boxes in (None, len(stage.picture.scene.boxes))

    qtbot.waitUntil(drawn, timeout=10_000)
