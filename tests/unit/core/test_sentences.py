"""Sentences with figures in them are told in another language, and back."""

import pytest

from desktop_app.core import language
from desktop_app.core.language import Catalogue, catalogue_of
from desktop_app.core.sentences import Sentences, tell

ENTRIES = {
    "Open a model first.": "先打开模型。",
    "{op} cannot be factorised": "{op} 不能分解",
    "{title} could change none of {count} layers ({layer}: {reason})": "{title}改不了 {count} 层（{layer}: {reason}）",
    "its weight is no constant": "权重不是常量",
    " and {count} more": " 等 {count} 个",
    "ONNX Runtime has no operator {names}{more}.": "ONNX Runtime 没有 {names}{more}。",
    "The values of {name}": "{name} 的值",
    "{owner} {what}: the file is damaged.": "{owner}{what}：文件损坏。",
    "are stored twice": "存了两次",
    "Low rank": "低秩",
    "{} of {} were kept": "{} 个中的第 {} 个保留",
    "Kept {share} of them.": "保留了 {share}。",
    "labels": "标签",
    "a group of {count} is narrow": "{count} 个一组太窄",
    "a group of {count} is slow: it waits": "{count} 个一组太慢：它在等待",
}
CHINESE = Sentences(ENTRIES, "%")


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("Open a model first.", "先打开模型。"),
        ("Conv cannot be factorised", "Conv 不能分解"),
        (
            "Low rank could change none of 3 layers (/a: its weight is no constant)",
            "低秩改不了 3 层（/a: 权重不是常量）",
        ),
        ("ONNX Runtime has no operator A, B and 3 more.", "ONNX Runtime 没有 A, B 等 3 个。"),
        ("ONNX Runtime has no operator A.", "ONNX Runtime 没有 A。"),
        ("The values of a b are stored twice: the file is damaged.", "a b 的值存了两次：文件损坏。"),
        ("a group of 2 is narrow; a group of 2 is slow: it waits", "2 个一组太窄; 2 个一组太慢：它在等待"),
        ("2 of 3 were kept", "2 个中的第 3 个保留"),
        ("Open a model first. Kept 90 % of them.", "先打开模型。保留了 90%。"),
        ("Open a model first.\nConv cannot be factorised", "先打开模型。\nConv 不能分解"),
        ("/a/b: its weight is no constant", "/a/b: 权重不是常量"),
        ("Nobody knows this sentence", "Nobody knows this sentence"),
        ("", ""),
    ],
)
def test_a_sentence_is_told(sentence, told):
    assert CHINESE.tell(sentence) == told
    assert CHINESE.tell(sentence) == told  # remembered


def test_names_are_not_translated_unless_they_are_words_of_a_sentence():
    assert CHINESE.tell("Kept Low of them.") == "保留了 Low。"
    assert CHINESE.tell("Kept labels of them.") == "保留了 标签。"


def test_braces_in_names_are_no_placeholders():
    assert CHINESE.tell("{x} cannot be factorised") == "{x} 不能分解"


@pytest.fixture
def chinese():
    before = language.current()
    language.use(catalogue_of("zh_CN"))
    yield
    language.use(before)


def test_what_was_said_in_one_language_is_told_in_the_other(chinese):
    told = tell("its output passes through Add node /a, whose sizes do not fit")
    assert told == "其输出经过 Add 节点 /a，其大小不匹配"
    language.use(Catalogue())
    assert tell(told) == "its output passes through Add node /a, whose sizes do not fit"
    assert tell("正在打开 net.onnx") == "Opening net.onnx"
    assert tell("它不在目录里") == "它不在目录里"


def test_english_sentences_stay_in_english():
    assert tell("its weight is no constant") == "its weight is no constant"
