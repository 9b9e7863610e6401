"""Which language the user wants, kept in the settings, and what follows when it changes."""

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication, QEvent, QLibraryInfo, QLocale, QSettings, QTranslator

from desktop_app.core.language import LANGUAGES, SOURCE, catalogue_of, use

KEY = "language"
SYSTEM = "system"
CHOICES: Mapping[str, str] = {SYSTEM: "", **LANGUAGES}
"""What can be chosen: languages in their own names; that of the system has none."""


def chosen() -> str:
    """What the user has chosen: `SYSTEM`, or the code of a language."""
    stored = str(QSettings().value(KEY, SYSTEM))
    return stored if stored in CHOICES else SYSTEM


def choose(choice: str) -> None:
    """Speaks another language at once, and after the next start; see `CHOICES`."""
    QSettings().setValue(KEY, choice)
    speak(language_of(choice))


def speak_as_chosen() -> None:
    """Speaks the language that the user has chosen."""
    speak(language_of(chosen()))


def language_of(choice: str) -> str:
    """The code of the language that a choice stands for."""
    return _of_system(QLocale.system().uiLanguages()) if choice == SYSTEM else choice


def speak(code: str) -> None:
    """Speaks a language; every window hears of it as `QEvent.LanguageChange`."""
    use(catalogue_of(code))
    QLocale.setDefault(QLocale(code))
    _translate_qt(code)
    app = QCoreApplication.instance()
    if app is not None:
        QCoreApplication.sendEvent(app, QEvent(QEvent.Type.LanguageChange))


def _of_system(wanted: list[str]) -> str:
    """The first of the system's languages that is spoken here; traditional Chinese is not."""
    for one in wanted:
        parts = one.replace("_", "-").split("-")
        if parts[0] == "zh" and not {"Hant", "TW", "HK", "MO"} & set(parts):
            return "zh_CN"
        if parts[0] in LANGUAGES:
            return parts[0]
    return SOURCE


_translators: list[QTranslator] = []


def _translate_qt(code: str) -> None:
    """Gives the buttons and menus that are Qt's own their language."""
    while _translators:
        QCoreApplication.removeTranslator(_translators.pop())
    translator = QTranslator()
    if code != SOURCE and translator.load(
        f"qtbase_{code}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    ):
        _translators.append(translator)
        QCoreApplication.installTranslator(translator)
