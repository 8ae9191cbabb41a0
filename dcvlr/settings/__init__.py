"""What a setting may be, said once in the annotation of its field and checked wherever an object is made."""

from dcvlr.settings.bounds import Count, Fraction, Seconds, Side, Temperature, Timeout, TopP, Whole
from dcvlr.settings.checking import SettingError, check_settings, check_value, checked, did_you_mean, is_plain, within

__all__ = [
    "Count",
    "Fraction",
    "Seconds",
    "SettingError",
    "Side",
    "Temperature",
    "Timeout",
    "TopP",
    "Whole",
    "check_settings",
    "check_value",
    "checked",
    "did_you_mean",
    "is_plain",
    "within",
]
