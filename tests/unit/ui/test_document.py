from desktop_app.core.recipe import Recipe
from desktop_app.core.sensitivity import Candidate, LayerSensitivity, Sensitivity
from desktop_app.core.settings import LayerSettings
from desktop_app.jobs.messages import Opened
from desktop_app.ui import operations
from desktop_app.ui.document import Document

STEM, CONV1, CONV2, NORM, HEAD = (
    "/stem/conv",
    "/block/inner/conv1",
    "/block/inner/conv2",
    "/block/norm",
    "/head/classifier",
)


def asked(document, name):
    return document.settings(document.layer(name))


def test_bits_of_one_layer_lower_the_predicted_size_at_once(document, qtbot):
    before = document.prediction.cost.bytes

    with qtbot.waitSignal(document.prediction_changed, timeout=100):
        changed = operations.set_bits(document, [CONV1], 8)

    assert changed == (CONV1,)
    assert asked(document, CONV1).bits == 8
    assert document.prediction.cost.bytes < before


def test_coupled_layers_are_pruned_together(document):
    assert operations.set_prune(document, [STEM], 0.5) == (STEM, CONV2)
    assert asked(document, CONV2).prune == 0.5
    assert asked(document, CONV1).prune == 0.0


def test_weights_are_pruned_layer_by_layer(document):
    methods = document.recipe.methods
    recipe = Recipe(methods=type(methods)(prune=type(methods.prune)(unit="weights")))
    operations.set_recipe(document, recipe)

    assert operations.set_prune(document, [STEM], 0.5) == (STEM,)


def test_what_a_layer_refuses_is_not_set(document):
    assert operations.set_prune(document, [HEAD, CONV1], 0.25) == (CONV1,)
    assert operations.set_bits(document, [NORM], 8) == ()
    assert operations.why_not(document, document.layer(HEAD), "prune") == "Its output is the model's output."


def test_a_locked_layer_stays_as_it_is_until_it_is_freed(document):
    operations.toggle_locked(document, [CONV1, HEAD])
    assert operations.set_bits(document, [CONV1, STEM], 4) == (STEM,)

    operations.toggle_locked(document, [CONV1, HEAD])
    assert operations.set_bits(document, [CONV1], 4) == (CONV1,)


def test_reset_takes_back_a_layers_own_settings(document):
    operations.set_bits(document, [CONV1, CONV2], 8)

    assert operations.reset(document, [CONV1]) == (CONV1,)
    assert asked(document, CONV1) == LayerSettings()
    assert asked(document, CONV2).bits == 8


def test_undo_and_redo_walk_through_every_edit(document):
    operations.set_bits(document, [CONV1], 8)
    operations.set_rank(document, [CONV2], 0.5)
    operations.set_prune(document, [STEM], 0.25)
    final = document.recipe

    for _ in range(3):
        document.undo_stack.undo()
    assert document.recipe == Recipe()
    assert not document.dirty

    for _ in range(3):
        document.undo_stack.redo()
    assert document.recipe == final


def test_moves_of_one_slider_are_one_edit(document):
    for share in (0.1, 0.2, 0.3):
        operations.set_prune(document, [CONV1], share, merge="prune slider 1")
    operations.set_prune(document, [CONV1], 0.4, merge="prune slider 2")

    assert document.undo_stack.count() == 2
    document.undo_stack.undo()
    assert asked(document, CONV1).prune == 0.3
    document.undo_stack.undo()
    assert asked(document, CONV1).prune == 0.0


def test_setting_what_already_holds_is_no_edit(document):
    operations.set_bits(document, [CONV1], 32)
    assert document.undo_stack.count() == 0


def test_a_preset_keeps_data_and_locks(document):
    operations.set_locked(document, [HEAD], True)
    preset = Recipe(defaults=LayerSettings(bits=8), seed=99)

    operations.apply_preset(document, preset, "INT8")

    assert asked(document, CONV1).bits == 8
    assert asked(document, HEAD).locked
    assert document.recipe.seed == 0


def test_latency_is_predicted_once_the_profile_is_known(document, profiled):
    assert document.prediction.latency_ms is None
    document.set_profile(profiled)
    whole = document.prediction.latency_ms

    operations.set_prune(document, [CONV1], 0.5)

    assert document.prediction.latency_ms < whole


def test_another_model_starts_afresh(document, summary):
    operations.set_bits(document, [CONV1], 8)
    document.show(Opened(summary, "/other"))

    assert document.recipe == Recipe()
    assert not document.undo_stack.canUndo()
    assert document.snapshot == "/other"


def test_an_empty_document_has_no_layers(qapp):
    assert Document().layers == ()


def test_what_is_known_of_single_layers_grows_and_goes_with_the_model(document, summary):
    told = []
    document.sensitivity_changed.connect(lambda: told.append(1))
    stem, *_ = document.layers
    row = LayerSensitivity(stem.name, 12.0, {"int8": Candidate(output_db=30.0)})
    document.add_tried(row)
    assert document.tried(stem) == row
    document.set_sensitivity(Sensitivity((), {}, 16, synthetic=True))
    assert document.tried(stem) is None
    assert len(told) == 2
    document.set_sensitivity(Sensitivity((row,), {}, 16, synthetic=True))
    document.show(Opened(summary, "/other"))
    assert document.tried(stem) is None
    assert document.sensitivity is None
