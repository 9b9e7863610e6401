"""What the user calls the stages of the work."""

from collections.abc import Mapping

from desktop_app.core.language import Words

STAGE_TITLES: Mapping[str, Words] = {
    "open": "Open",
    "data": "Data",
    "preprocess": "Preprocessing",
    "sensitivity": "Sensitivity",
    "profile": "Time every layer",
    "calibrate": "Calibrate",
    "clean": "Clean",
    "reduce_input": "Reduce input",
    "swap_activations": "Swap activations",
    "restructure": "Restructure",
    "prune_channels": "Prune channels",
    "low_rank": "Low rank",
    "prune_weights": "Prune weights",
    "quantize_static": "Quantise (static)",
    "quantize_dynamic": "Quantise (dynamic)",
    "quantize_weights": "Quantise weights",
    "recover": "Recover accuracy",
    "recover_quantised": "Recover after rounding",
    "supernet": "Teach all nets together",
    "playoff": "Teach the best for a while",
    "half": "Store as float16",
    "pack": "Pack",
    "search": "Judge candidates",
    "finalists": "Measure the best",
    "measure": "Measure",
    "evaluate": "Evaluate",
    "verify": "Verify",
    "write": "Write",
    "export": "Export",
    "convert": "Convert",
    "wait": "Wait",
    "original": "Original",
    "final": "Result",
}


def stage_title(stage: str) -> Words:
    """The title of a stage, to be translated; a stage that has none shows its own name."""
    return STAGE_TITLES.get(stage) or stage.replace("_", " ").capitalize()
