import pytest

from desktop_app.io.torch_files.naming import node_name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("layer1.0.conv1", "/layer1/layer1.0/conv1/Conv"),
        ("features.1.conv.0.0", "/features/features.1/conv/conv.0/conv.0.0/Conv"),
        ("conv1", "/conv1/Conv"),
        ("0", "/0/Conv"),
        ("", "/Conv"),
    ],
)
def test_names_are_those_of_the_exporters(path, name):
    assert node_name(path, "Conv") == name
