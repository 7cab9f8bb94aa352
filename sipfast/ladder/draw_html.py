"""A ladder as a page of its own: the picture, and the message of each arrow.

The page needs nothing from elsewhere, and works without its script, which only adds keys.  All text
of messages is text of elements that ElementTree writes, which escapes it.
"""

from __future__ import annotations

import base64
import hashlib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from .._visible import escape, first_sentence, shortened, visible
from ..calls.call import CallMessage
from ..calls.dissect import Dissection, Fault, Span, dissect, is_text, lines
from ..registry.header_names import HeaderName
from ..registry.methods import method
from ..registry.status import status
from .draw_svg import colours, element, rules
from .model import Arrow, Ladder
from .words import Language, clock, day, meanings, say

__all__ = ["MOST_MESSAGES", "message_block", "page", "style"]

MOST_MESSAGES = 1000
"""The messages whose text a page has."""
_MOST_FIELD = 2048
_MOST_LINES = 64
_MOST_BODY = 16_384
_MOST_BINARY = 1024
_MOST_FAULTS = 200
_LONGEST_TITLE = 160

_STYLE = """
*{box-sizing:border-box}
.sipfast{color:var(--ink);font:14px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',\
'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif}
.sipfast code,.sipfast pre{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,\
'Liberation Mono','Noto Sans Mono CJK SC',monospace}
.sipfast h2{font-size:18px;line-height:1.3;margin:0 0 4px;overflow-wrap:anywhere}
.sipfast p{margin:0 0 6px;overflow-wrap:anywhere}
.sipfast .quiet{color:var(--quiet)}
.sipfast ul{margin:8px 0;padding:0;list-style:none}
.sipfast li{border-left:3px solid var(--redirection);padding:2px 10px;margin:3px 0;\
background:var(--box);overflow-wrap:anywhere}
.sipfast li.error{border-color:var(--failure)}
.sipfast table{border-collapse:collapse;width:100%;table-layout:fixed;margin:10px 0}
.sipfast td{vertical-align:top;padding:2px 12px 2px 0;text-align:left;border-top:1px solid var(--box);\
color:inherit;background:none}
.sipfast td:first-child{width:62%}
.sipfast td:last-child{color:var(--quiet);font-size:12.5px;padding-right:0}
.sipfast code{white-space:pre-wrap;overflow-wrap:anywhere;color:inherit;background:none;padding:0}
.sipfast pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:6px 0;padding:10px 12px;\
background:var(--box);border-radius:6px;color:inherit}
.sipfast b{font-weight:600}
.sipfast .name{color:var(--request)}
.sipfast mark{background:var(--redirection);color:var(--paper);border-radius:2px}
.sipfast mark.error{background:var(--failure)}
.sipfast .request h2{color:var(--request)}
.sipfast .success h2{color:var(--success)}
.sipfast .failure h2,.sipfast .unparsable h2{color:var(--failure)}
.sipfast .redirection h2{color:var(--redirection)}
"""

_LAYOUT = """
html,body{margin:0;height:100%;background:var(--paper)}
main{display:grid;grid-template-columns:minmax(0,auto) minmax(380px,1fr);height:100vh}
.ladder{overflow:auto;height:100vh;max-width:64vw}
.ladder svg{display:block}
.details{overflow:auto;height:100vh;border-left:1px solid var(--line);padding:20px 24px}
section{display:none;scroll-margin-top:60px}
section:target{display:block}
main:not(:has(:target)) section:first-of-type{display:block}
.pick{cursor:pointer;outline:none}
.pick:hover .hit,.pick:focus-visible .hit{fill:var(--box)}
.pick.chosen .hit{fill:var(--line);fill-opacity:.55}
.pick:hover .label,.pick:focus-visible .label{stroke:var(--box)}
.pick.chosen .label{stroke:none}
nav{display:flex;gap:16px;margin-top:16px}
nav a{color:var(--request)}
.keys{margin-bottom:14px}
@media (max-width:1000px){main{display:block;height:auto}
.ladder{max-width:100vw;height:52vh;border-bottom:1px solid var(--line)}
.details{height:48vh;border:0;padding:14px 16px}}
@media (max-width:600px){.sipfast td,.sipfast td:first-child,.sipfast td:last-child{display:block;width:auto;border:0}}
@media print{main{display:block}.ladder,.details{height:auto;max-width:none;overflow:visible;border:0}
.ladder svg{max-width:100%;height:auto}
section,main:not(:has(:target)) section{display:block;break-inside:avoid;margin-top:24px}nav,.keys{display:none}}
"""

_SCRIPT = """
(() => {
  const links = [...document.querySelectorAll("a.pick")];
  const show = () => {
    for (const link of links) {
      const chosen = link.getAttribute("href") === (location.hash || "#m1");
      link.classList.toggle("chosen", chosen);
      if (chosen) link.scrollIntoView({ block: "nearest" });
    }
  };
  addEventListener("hashchange", show);
  addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const now = links.findIndex((link) => link.classList.contains("chosen"));
    const next = links[Math.min(links.length - 1, Math.max(0, now + step))];
    if (next) location.replace(next.getAttribute("href"));
  });
  show();
})();
"""

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-"
    + base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
    + "'; base-uri 'none'; form-action 'none'"
)


def style() -> str:
    """The rules for messages in an element of class ``sipfast``."""
    return _STYLE


def page(ladder: Ladder, language: Language) -> str:
    """The page as text."""
    html = Element("html", {"lang": "zh-CN" if language == "zh" else "en"})
    head = SubElement(html, "head")
    SubElement(head, "meta", {"charset": "utf-8"})
    SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": _POLICY})
    SubElement(head, "meta", {"name": "viewport", "content": "width=device-width"})
    SubElement(head, "meta", {"name": "color-scheme", "content": "light dark"})
    name = say(language, "ladder", visible(ladder.call.call_id))
    SubElement(head, "title").text = name
    css = colours(":root", "auto") + rules(".sipfast-ladder") + _STYLE + _LAYOUT
    SubElement(head, "style").text = css
    main = SubElement(SubElement(html, "body", {"class": "sipfast"}), "main")
    count = min(len(ladder.arrows), MOST_MESSAGES)
    links = tuple([f"m{number}" for number in range(1, count + 1)])
    left = SubElement(main, "div", {"class": "ladder"})
    left.append(element(ladder, "auto", language, links=links, styled=False))
    right = SubElement(main, "div", {"class": "details"})
    SubElement(right, "p", {"class": "quiet keys"}).text = say(language, "keys")
    for index, arrow in enumerate(ladder.arrows[:count]):
        section = _section(ladder, arrow, language)
        section.set("id", links[index])
        _steps(section, index, count, language)
        right.append(section)
    if len(ladder.arrows) > count:
        text = say(language, "incomplete", f"{MOST_MESSAGES:,}")
        SubElement(right, "p", {"class": "quiet"}).text = text
    SubElement(html, "script").text = _SCRIPT
    return "<!DOCTYPE html>\n" + ElementTree.tostring(html, "unicode", method="html") + "\n"


def _steps(section: Element, index: int, count: int, language: Language) -> None:
    nav = SubElement(section, "nav")
    for number, key in ((index, "before"), (index + 2, "after")):
        if 1 <= number <= count:
            SubElement(nav, "a", {"href": f"#m{number}"}).text = say(language, key)


def _section(ladder: Ladder, arrow: Arrow, language: Language) -> Element:
    one = ladder.call.messages[arrow.message]
    section = Element("section", {"class": arrow.kind})
    SubElement(section, "h2").text = shortened(arrow.text, _LONGEST_TITLE)
    hosts = ladder.hosts
    path = f"{hosts[arrow.source].label} → {hosts[arrow.target].label}"
    marks = ", ".join(meanings(arrow, language))
    SubElement(section, "p").text = f"{path} · {marks}" if marks else path
    message_block(section, one, language)
    return section


def message_block(parent: Element, one: CallMessage, language: Language) -> None:
    """Add a message to an element: its place and meaning, its faults, and its lines with notes."""
    shown = dissect(one.record)
    place = SubElement(parent, "p", {"class": "quiet"})
    place.text = " · ".join(_place(one, language))
    meaning = _meaning(one, language)
    if meaning:
        SubElement(parent, "p").text = meaning
    _faults(parent, shown, language)
    _lines(parent, shown, language)


def _place(one: CallMessage, language: Language) -> Iterator[str]:
    record = one.record
    if record.time_ns is not None:
        yield f"{day(record.time_ns)} {clock(record.time_ns)}"
    if record.file:
        yield visible(record.file)
    if one.number:
        yield say(language, "message", f"{one.number:,}")
    if record.transport is not None:
        yield record.transport
        yield say(language, "packet", f"{record.packet:,}")
    yield say(language, "bytes", f"{len(record.data):,}")


def _meaning(one: CallMessage, language: Language) -> str:
    """The meaning of the method or of the status code, as far as it has one."""
    message = one.message
    if message is None:
        return say(language, "unparsable")
    code = getattr(message, "status", None)
    if code is None:
        known = method(getattr(message, "method", ""))
        return "" if known is None else first_sentence(known.zh if language == "zh" else known.en)
    if not 100 <= code <= 699:
        return ""
    row = status(code)
    return first_sentence(row.zh if language == "zh" else row.en)


def _faults(parent: Element, shown: Dissection, language: Language) -> None:
    if not shown.faults:
        return
    found = SubElement(parent, "ul")
    for one in shown.faults[:_MOST_FAULTS]:
        fault = one.fault
        row = SubElement(found, "li", {"class": _severity(one)})
        SubElement(row, "b").text = say(language, _severity(one))
        text = visible(fault.text_zh if language == "zh" else fault.text)
        byte = say(language, "byte", f"{fault.offset:,}")
        row[0].tail = f" {text} · {byte} · {fault.rfc}"
    if len(shown.faults) > _MOST_FAULTS:
        SubElement(found, "li").text = f"+ {len(shown.faults) - _MOST_FAULTS:,}"


def _severity(one: Fault) -> str:
    return "error" if one.is_fatal else one.fault.severity


def _lines(parent: Element, shown: Dissection, language: Language) -> None:
    marks = _Marks(shown)
    table = SubElement(SubElement(parent, "table"), "tbody")
    data = shown.data
    if shown.start_line.end > shown.start_line.start:
        row = SubElement(table, "tr")
        code = SubElement(SubElement(row, "td"), "code")
        _text(code, data, shown.start_line, marks, 0, language)
        SubElement(row, "td")
    noted: set[str] = set()
    for field in shown.fields:
        row = SubElement(table, "tr")
        code = SubElement(SubElement(row, "td"), "code")
        _text(code, data, field.span, marks, field.name_end, language)
        note = SubElement(row, "td")
        key = field.header.name if field.header else field.name.lower()
        if field.name and key not in noted:
            noted.add(key)
            note.text = _note(field.header, field.name, language)
    if shown.hidden:
        SubElement(parent, "p").text = say(language, "not shown", f"{shown.hidden:,}")
    start, end = shown.body
    if start < end:
        size = say(language, "bytes", f"{end - start:,}")
        SubElement(parent, "p", {"class": "quiet"}).text = f"{say(language, 'body')} · {size}"
        pre = SubElement(parent, "pre")
        if is_text(data[start : min(end, start + _MOST_BODY)]):
            _text(pre, data, shown.body, marks, 0, language, most=_MOST_BODY, tab="    ")
        else:
            pre.text = "\n".join(_hexadecimal(data[start : min(end, start + _MOST_BINARY)]))
            if end - start > _MOST_BINARY:
                rest = say(language, "not shown", f"{end - start - _MOST_BINARY:,}")
                pre.text += f"\n{rest}"


def _note(header: HeaderName | None, name: str, language: Language) -> str:
    if header is None:
        return say(language, "unregistered")
    meaning = first_sentence(header.zh if language == "zh" else header.en)
    long_name = f"{header.name}: " if len(name) == 1 else ""
    return f"{long_name}{meaning} {header.rfc}".replace("RFC ", "RFC\xa0")


def _text(
    parent: Element,
    data: bytes,
    span: Span,
    marks: _Marks,
    name_end: int,
    language: Language,
    *,
    most: int = _MOST_FIELD,
    tab: str = "\\t",
) -> None:
    """Add the bytes of a span as text, with marks at faults and the name of a field set apart."""
    shown = [
        (line.start, min(line.end, span.start + most))
        for line in islice(lines(data, *span), _MOST_LINES if most == _MOST_FIELD else None)
        if line.start < span.start + most
    ]
    writer = _Writer(parent)
    for number, (start, end) in enumerate(shown):
        if number:
            writer.add("\n")
        if start < name_end <= end:
            writer.add(_visible(data[start:name_end], tab), "span", "name")
            start = name_end
        for at, severity in marks.between(start, end):
            if at < start:  # within a character that is marked
                continue
            writer.add(_visible(data[start:at], tab))
            start = min(end, at + _width(data[at]))
            writer.add(_visible(data[at:start], tab), "mark", severity)
        writer.add(_visible(data[start:end], tab))
    last = shown[-1][1] if shown else span.start
    if len(data[last : span.end].strip(b"\r\n")):
        writer.add("\n" + say(language, "not shown", f"{span.end - last:,}"), "span", "quiet")
    writer.finish()


class _Marks:
    """The faults of a message by their bytes, the first one of each byte."""

    def __init__(self, shown: Dissection) -> None:
        self._severities = {one.fault.offset: _severity(one) for one in reversed(shown.faults)}
        self._places = sorted(self._severities)

    def between(self, start: int, end: int) -> list[tuple[int, str]]:
        """Those from `start` on and before `end`, in their order."""
        first, last = bisect_left(self._places, start), bisect_left(self._places, end)
        return [(at, self._severities[at]) for at in self._places[first:last]]


class _Writer:
    """Adds text to an element, and elements with text in it."""

    def __init__(self, parent: Element) -> None:
        self._parent = parent
        self._last: Element | None = None
        self._texts: list[str] = []

    def add(self, text: str, tag: str = "", kind: str = "") -> None:
        """Add a text, in an element of its own if it has a tag."""
        if not tag:
            self._texts.append(text)
        elif text:
            self.finish()
            self._last = SubElement(self._parent, tag, {"class": kind})
            self._last.text = text

    def finish(self) -> None:
        """Put the last text in its place."""
        text = "".join(self._texts)
        if self._last is None:
            self._parent.text = text
        else:
            self._last.tail = text
        self._texts = []


def _width(first: int) -> int:
    """The bytes of the character of UTF-8 that begins with this byte."""
    return 1 if first < 0xC0 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4


def _visible(data: bytes, tab: str) -> str:
    text = data.decode("utf-8", "surrogateescape")
    if text.isprintable():
        return text
    return "".join([_shown(char, tab) for char in text])


def _shown(char: str, tab: str) -> str:
    return char if char.isprintable() else tab if char == "\t" else escape(char)


def _hexadecimal(data: bytes) -> Sequence[str]:
    return [
        f"{at:06x}  {data[at : at + 16].hex(' '):47}  "
        + "".join([chr(byte) if 0x20 <= byte < 0x7F else "." for byte in data[at : at + 16]])
        for at in range(0, len(data), 16)
    ]
