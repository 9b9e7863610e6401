"""Only Qt: what the user sees and does. Imports nothing but `jobs.messages` and `core` of the package."""

from desktop_app.ui.immortal import make_constants_immortal

make_constants_immortal()
