"""Only Qt: what the user sees and does. Imports nothing but `jobs`, `core` and the table `zoo.families`."""

from desktop_app.ui.immortal import make_constants_immortal

make_constants_immortal()
