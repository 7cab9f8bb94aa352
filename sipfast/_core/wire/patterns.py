"""What the interpreted engine tries first: a pattern for each shape, whose groups are its parts.

A pattern may decline a text that `shapes.py` splits; where it fits, it finds the same parts.  No
pattern can take the same characters in two ways, so each costs linear time.
"""

from __future__ import annotations

import re

from sipfast.registry.characters import (
    HOST,
    ILLEGAL_IN_URI,
    NAME,
    REFERENCE,
    SCHEME,
    TOKEN,
    TOKEN68,
)

__all__ = ["ALL_PARTS", "MATCHES", "PLAIN_PARAMETERS", "QUOTED_STRING"]

ALL_PARTS = 8
QUOTED_STRING = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_TOKEN = f"[{TOKEN}]+"
_HOST = rf"[{HOST}]+ | \[ [{REFERENCE}]+ \]"
_PORT = (  # below 65536
    r"[0-9]{1,4}"
    r"|0*(?:[1-5]?[0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
)
_TEL_NUMBER = r"\+ [().-]* [0-9] [0-9().-]* | [().-]* [0-9A-Fa-f*\#] [0-9A-Fa-f*\#().-]*"
_LWS = r"[ \t]*"
_END = r"(?<! [ \t])"
"""A part ends here: with no whitespace."""
_PARAMETERS = rf"{_LWS} (?: ; (.*) | \Z )"


def _without(parts: int) -> str:
    """Groups for parts that a shape does not have, for the sake of those after them."""
    return f"(?: (?!) {'()' * parts} | )"


def _pattern(text: str) -> re.Pattern[str]:
    """A pattern with a group for each place among the parts."""
    groups = re.compile(text, re.VERBOSE).groups
    return re.compile(f"(?: {text} ) {_without(ALL_PARTS - groups)}", re.VERBOSE | re.DOTALL)


_OTHER_URI = _pattern(
    rf"([A-Za-z][{SCHEME}]*) : {_without(2)} ([^{ILLEGAL_IN_URI}]*) {_without(3)} \Z"
)
_SIP_URI = _pattern(
    rf"""([Ss][Ii][Pp][Ss]?) :
    (?: ([^@:{ILLEGAL_IN_URI}]+) (?: : ([^@{ILLEGAL_IN_URI}]*) | ) @ | (?! [^@]* @) )
    ({_HOST}) (?: : ({_PORT}) | )
    (?: ; ([^?{ILLEGAL_IN_URI}]*) | ) (?: \? ([^{ILLEGAL_IN_URI}]*) | ) \Z"""
)
_TEL_URI = _pattern(
    rf"""([Tt][Ee][Ll]) : {_without(2)} ({_TEL_NUMBER})
    {_without(1)} (?: ; ([^{ILLEGAL_IN_URI}]*) | ) {_without(1)} \Z"""
)
_NAME_ADDR = _pattern(
    rf"""(?: < | (?: ([^";<]+ {_END} | {QUOTED_STRING}) {_LWS}) < )
    {_LWS} (?! [ \t]) ([^<>]*) {_END} {_LWS} > {_without(3)} {_PARAMETERS}"""
)
_ADDR_SPEC = _pattern(rf'{_without(1)} ([^";<]+) {_END} {_without(3)} {_PARAMETERS}')
_VIA = _pattern(
    rf"""({_TOKEN}) {_LWS} / {_LWS} ({_TOKEN}) {_LWS} / {_LWS} ({_TOKEN}) [ \t]+
    ({_HOST}) (?: {_LWS} : {_LWS} ({_PORT}) | ) {_PARAMETERS}"""
)
_ITEM = _pattern(rf'([^";]* (?: {QUOTED_STRING} [^";]* )*) {_END} {_without(4)} {_PARAMETERS}')
_MEDIA = _pattern(rf"({_TOKEN}) {_LWS} / {_LWS} ({_TOKEN}) {_without(3)} {_PARAMETERS}")
_COMMENTED = _pattern(rf"([^;(]*) {_END} {_without(4)} {_PARAMETERS}")
_CREDENTIALS_TOKEN = _pattern(rf"({_TOKEN}) [ \t]+ ([{TOKEN68}]+ =*) {_without(4)} \Z")
_CREDENTIALS = _pattern(rf"({_TOKEN}) {_without(4)} (?: [ \t]+ (.*) | \Z )")
_CALL_ID = _pattern(rf"([^;]*) {_END} {_without(4)} {_PARAMETERS}")
_ALL_PARAMETERS = _pattern(rf"{_without(5)} (.*)")

_WORDS = (
    _pattern(r"(.*)"),
    _pattern(r"([^ \t]*) (?: [ \t]+ (.*) | )"),
    _pattern(r"([^ \t]*) (?: [ \t]+ ([^ \t]*) (?: [ \t]+ (.*) | ) | )"),
)

_PATTERNS = (
    *(_OTHER_URI, _SIP_URI, _SIP_URI, _TEL_URI, _OTHER_URI),
    *(_NAME_ADDR, _ADDR_SPEC, _VIA, _ITEM, _MEDIA, _COMMENTED, _CREDENTIALS_TOKEN, _CREDENTIALS),
    *_WORDS,
    _ALL_PARAMETERS,
    _CALL_ID,
)
MATCHES = tuple([pattern.match for pattern in _PATTERNS])
"""By the numbers of schemes and shapes in `text.py`."""


def _plain_parameter(mark: str) -> re.Pattern[str]:
    """A parameter without escapes, and the mark after it.

    Its groups are its name, its equals sign, and its value, quoted or not.
    """
    value = rf'"([^"\\%]*)" | ([^"%\ \t{mark}]*)'
    one = rf"{_LWS} (?: ([{NAME}]+) (?: (=) (?: {value} ) )? {_LWS} )? (?: {mark} | \Z )"
    return re.compile(one, re.VERBOSE | re.ASCII)


PLAIN_PARAMETERS = {mark: _plain_parameter(mark) for mark in ";,"}
