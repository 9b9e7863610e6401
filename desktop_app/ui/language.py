"""Which language is spoken, as the settings say or as the system is, switched while the program runs."""

from PySide6.QtCore import QCoreApplication, QEvent, QLibraryInfo, QLocale, QObject, QTranslator

from desktop_app.core.language import LANGUAGES, SOURCE, catalogue_of, current, use
from desktop_app.ui.settings.rows import LANGUAGE
from desktop_app.ui.settings.store import settings

SYSTEM = LANGUAGE.default


class Language(QObject):
    """Speaks the language of the settings from now on; every window hears of a change as `QEvent.LanguageChange`."""

    def __init__(self, app: QCoreApplication) -> None:
        super().__init__(app)
        self._on_setting(LANGUAGE.key)
        settings().changed.connect(self._on_setting)

    def _on_setting(self, key: str) -> None:
        if key == LANGUAGE.key:
            speak(language_of(settings().read(LANGUAGE)))


def language_of(choice: str) -> str:
    """The code of the language that a choice stands for."""
    return _of_system(QLocale.system().uiLanguages()) if choice == SYSTEM else choice


def speak(code: str) -> None:
    """Speaks a language, Qt's own buttons and menus too."""
    QLocale.setDefault(QLocale(code))
    if code == current().code:
        return
    use(catalogue_of(code))
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
