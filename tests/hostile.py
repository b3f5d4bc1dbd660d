"""What somebody might put into a name, a page, a drawing or a PDF to get out of it."""

from __future__ import annotations

from collections.abc import Iterator

from beacon import Beacon
from pdfs import pdf_of

HACK = "window.hacked=1;parent.hacked=1;top.hacked=1"

NAMES = [
    "<script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=1>",
    "<svg onload=window.hacked=1>",
    "\"><canary-x onclick='window.hacked=1'>",
    "'><canary-x autofocus onfocus=window.hacked=1 tabindex=1>",
    "</title><script>window.hacked=1</script>",
    "</h1></main><canary-x></canary-x>",
    "</textarea><canary-x>",
    "<!-- <canary-x> -->",
    "<![CDATA[<canary-x>]]>",
    "<style>*{display:none}</style>",
    "<base href=//evil.invalid/>",
    "<iframe srcdoc='<canary-x>'>",
    "<math><mtext><canary-x>",
    "<template><canary-x></template>",
    "javascript:window.hacked=1",
    "JaVaScRiPt:window.hacked=1//x",
    "data:text/html,<script>parent.hacked=1</script>",
    "vbscript:msgbox(1)",
    "//evil.invalid/x",
    "../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e%5c%2e%2e",
    "%00%0d%0aSet-Cookie: a=b",
    "C:\\Windows\\system32\\con",
    "a?r=0&sha256=1#x",
    "{{7*7}} {% raw %} ${7*7} #{7*7}",
    "{name} {count} {0} %s %(name)s",
    "&lt;canary-x&gt; &amp; &#60;canary-x&#62;",
    "\u202egnp.exe\u202c 报告",
    "\u2066报告\u2069\u200f\u200e",
    "\u200b报\u200b告\ufeff",
    "第一行\n第二行\r\n第三行",
    "制表\t符\x0b\x0c\x1b[31m红",
    "零\x00后",
    "\ud800\udfff 半个",
    "👩‍👩‍👧‍👦🇨🇳 全家福 🏳️‍🌈",
    "Z̸̢a̷̛l̶g̴o̵" + "\u0301" * 60,
    "长" * 900,
    "w" * 600,
    "   ",
    "__proto__",
    "constructor",
    "null",
    "<b>粗</b>&nbsp;\u00a0空",
    "`${window.hacked=1}`",
    "x' OR '1'='1' --",
    "\\u003ccanary-x\\u003e \\x3ccanary-x\\x3e",
]


def _sources(beacon: Beacon) -> Iterator[str]:
    """Addresses of the beacon, each another one, in every way it can be written."""
    number = 0
    while True:
        for name in beacon.names:
            number += 1
            yield f"http://{name}/{number}"


_EACH_WITH_AN_ADDRESS = (
    "<link rel=stylesheet href={}>", "<link rel=preconnect href={}>",
    "<link rel=preconnect crossorigin href={}>", "<link rel=dns-prefetch href={}>",
    "<link rel=prefetch href={}>", "<link rel=prerender href={}>",
    "<link rel=preload as=image href={}>", "<link rel=preload as=font crossorigin href={}>",
    "<link rel=modulepreload href={}>", "<link rel=icon href={}>", "<link rel=manifest href={}>",
    "<link rel=next href={}>", "<link rel=pingback href={}>",
    "<link rel=compression-dictionary href={}>",
    "<meta http-equiv=x-dns-prefetch-control content=on><a href={}>x</a>",
    "<meta http-equiv=refresh content='0;url={}'>", "<meta http-equiv=refresh content='0;{}'>",
    "<meta http-equiv=Content-Security-Policy content=\"img-src 'none'; report-uri {}\">",
    "<meta http-equiv=Link content='<{}>;rel=preconnect'>",
    "<img src={}>", "<img srcset='{} 2x'>", "<picture><source srcset={}><img></picture>",
    "<img loading=eager crossorigin src={}>", "<input type=image src={}>",
    "<video autoplay muted src={}></video>", "<video poster={}></video>",
    "<audio autoplay src={}></audio>", "<video><source src={}></video>",
    "<video><track default src={}></video>", "<embed src={}>", "<object data={}></object>",
    "<iframe src={}></iframe>", "<frameset><frame src={}></frameset>",
    "<fencedframe src={}></fencedframe>", "<portal src={}></portal>", "<applet code={}></applet>",
    "<iframe srcdoc=\"<img src={}><link rel=preconnect href={}>\"></iframe>",
    "<body background={}>", "<table background={}><tr><td>x</table>",
    "<style>@import url({});</style>", "<style>body{{background:url({})}}</style>",
    "<style>@font-face{{font-family:f;src:url({})}}*{{font-family:f}}</style>",
    "<style>li{{list-style:url({})}}p{{cursor:url({}),auto}}</style><ul><li>x</ul>",
    "<style>p::after{{content:image-set('{}' 1x)}}</style><p>x", "<p style='background:url({})'>x",
    "<div style=\"mask:url({}#m);filter:url({}#f);clip-path:url({}#c)\">x</div>",
    "<svg><image href={} width=9 height=9 /></svg>", "<svg><use href={}#x /></svg>",
    "<svg><filter id=f><feImage href={} /></filter><rect filter=url(#f) width=9 height=9 /></svg>",
    "<svg><script href={}></script></svg>", "<math><mglyph src={}></math>",
    "<script src={}></script>", "<script type=module src={}></script>",
    "<script type=speculationrules>{{\"prefetch\":[{{\"urls\":[\"{}\"]}}]}}</script>",
    "<form id=f action={}><input name=a></form><script>f.submit()</script>",
    "<xml src={}></xml>", "<bgsound src={}>", "<isindex action={}>",
)  # fmt: skip
_SCRIPTS = (
    f"<script>{HACK}</script>", f"<img src=x onerror='{HACK}'>", f"<svg onload='{HACK}'>",
    f"<details open ontoggle='{HACK}'>x</details>", f"<video><source onerror='{HACK}'></video>",
    f"<iframe srcdoc=\"<script>{HACK}</script>\"></iframe>",
    f"<iframe src=\"javascript:{HACK}\"></iframe>", f"<object data=\"javascript:{HACK}\"></object>",
    f"<object data='data:text/html,<script>{HACK}</script>'></object>",
    f"<embed src='data:text/html,<script>{HACK}</script>'>",
    f"<body onload='{HACK}' onpageshow='{HACK}'>", f"<input autofocus onfocus='{HACK}'>",
    f"<style onload='{HACK}'></style>", f"<marquee onstart='{HACK}'>x</marquee>",
    f"<div style='animation:a 1s' onanimationstart='{HACK}'>x</div><style>@keyframes a{{}}</style>",
    "<iframe src=/api/meetings></iframe><iframe src=/options></iframe>",
    "<script>fetch('/api/settings');new WebSocket('ws://'+location.host+'/socket.io/')</script>",
    "<meta http-equiv=refresh content='0;url=/options'>",
)  # fmt: skip
LINKS = {
    "outside": '<a href="{url}link">{word}</a>',
    "top": '<a target="_top" href="{url}top">{word}</a>',
    "new": '<a target="_blank" rel="opener" href="{url}new">{word}</a>',
    "ping": '<a href="#here" ping="{url}ping">{word}</a>',
    "animated": '<svg height=20><a><set attributeName="href" to="{url}set"/><text y=15>{word}'
    "</text></a></svg>",
    "script": '<a href="javascript:parent.hacked=1">{word}</a>',
    "options": '<a href="/options">{word}</a>',
    "interface": '<a href="/api/meetings">{word}</a>',
    "download": '<a download href="data:text/plain,x">{word}</a>',
    "post": '<form method="post" action="/api/downloads"><button>{word}</button></form>',
    "away": '<form action="{url}form"><button>{word}</button></form>',
    "window": '<form target="_blank" action="{url}window"><button>{word}</button></form>',
}
"""What a finger may touch in a page; the word to touch is the key."""


def page(beacon: Beacon) -> bytes:
    """HTML that tries everything at once."""
    address = _sources(beacon)
    tricks = [
        each.format(*(next(address) for _ in range(each.count("{}"))))
        for each in _EACH_WITH_AN_ADDRESS
    ]
    links = [f"<p>{each.format(url=beacon.url, word=word)}</p>" for word, each in LINKS.items()]
    parts = ["<!doctype html><meta charset=utf-8><title>x</title><h1>通知</h1>", *links]
    return "\n".join([*parts, "<div hidden>", *tricks, *_SCRIPTS, "</div>", *tricks]).encode()


def drawing(beacon: Beacon) -> bytes:
    """SVG that tries everything it has of its own."""
    url = beacon.url
    return f"""<?xml version="1.0"?>
<?xml-stylesheet href="{url}sheet.css" type="text/css"?>
<!DOCTYPE svg [<!ENTITY e SYSTEM "{url}entity"> <!ENTITY % p SYSTEM "{url}parameter"> ]>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
  xmlns:h="http://www.w3.org/1999/xhtml" width="600" height="400" onload="{HACK}">
<script>{HACK}</script><script href="{url}script.js"/><style>@import url({url}style.css);
rect{{fill:url({url}paint#p)}} @font-face{{font-family:f;src:url({url}font)}} *{{font-family:f}}
</style><image href="{url}image.png" width="9" height="9"/><use href="{url}use.svg#a"/>
<a href="{url}link"><text x="20" y="40" font-size="30">图</text></a>
<a href="javascript:parent.hacked=1"><text x="20" y="90" font-size="30">表</text></a>
<animate onbegin="{HACK}" attributeName="x" dur="1s"/><set attributeName="href" to="{url}set"/>
<filter id="f"><feImage href="{url}filter.png"/></filter>
<rect filter="url(#f)" width="9" height="9"/>
<foreignObject width="90" height="90"><h:iframe src="{url}frame"/><h:link rel="preconnect"
href="{url}pre"/><h:img src="{url}x.png" onerror="{HACK}"/></foreignObject></svg>""".encode()


def document(beacon: Beacon) -> bytes:
    """A PDF with actions at opening, on its page and in its forms; parts of it lie elsewhere."""
    url = beacon.url.encode()
    script = b"app.launchURL\\('%sjs'\\);this.submitForm\\('%ssubmit'\\);" % (url, url)
    ink = b"BT /F 40 Tf 60 700 Td (Notice) Tj ET 0.6 0 0 rg 60 500 300 100 re f /I Do"
    form = b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'><template><subform><event activity="
    form += b"'initialize'><submit target='%sxfa'/></event></subform></template></xdp:xdp>" % url
    catalog = (
        b"<</Type/Catalog/Pages 2 0 R/OpenAction 5 0 R/AA<</WC 5 0 R>>/NeedsRendering true"
        b"/AcroForm<</XFA 7 0 R/Fields[10 0 R]>>/Names<</JavaScript<</Names[(a) 5 0 R]>>>>>>"
    )
    sheet = (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents[4 0 R 8 0 R]/AA<</O 5 0 R>>"
        b"/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>"
        b"/XObject<</I 9 0 R>>>>/Annots[10 0 R 11 0 R 12 0 R 13 0 R 14 0 R]>>"
    )
    image = b"/Type/XObject/Subtype/Image/Width 9/Height 9/BitsPerComponent 8/ColorSpace/DeviceGray"
    button = b"/Type/Annot/Subtype/Widget/FT/Btn/T(b)/AA<</E 5 0 R/D 5 0 R>>"
    link = b"/Type/Annot/Subtype/Link/Rect[0 0 595 842]"
    screen = b"/Type/Annot/Subtype/Screen/Rect[0 0 9 9]/A<</S/Rendition/R<</S/MR/C<</S/MCD"
    return pdf_of(
        [
            catalog,
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            sheet,
            b"<</Length %d>>stream\n%s\nendstream" % (len(ink), ink),
            b"<</S/JavaScript/JS(%s)/Next 6 0 R>>" % script,
            b"<</S/URI/URI(%sopen)/Next<</S/Launch/F(/bin/true)>>>>" % url,
            b"<</Length %d>>stream\n%s\nendstream" % (len(form), form),
            b"<</Length 0/F<</FS/URL/F(%scontent)>>>>stream\n\nendstream" % url,
            b"<<%s/Length 0/F<</FS/URL/F(%simage)>>>>stream\n\nendstream" % (image, url),
            b"<<%s/Rect[0 0 595 842]/A<</S/SubmitForm/F(%sform)>>>>" % (button, url),
            b"<<%s/A<</S/URI/URI(%slink)>>>>" % (link, url),
            b"<<%s/A 5 0 R>>" % link,
            b"<<%s/A<</S/GoToR/F<</FS/URL/F(%sgo)>>/D[0/Fit]>>>>" % (link, url),
            b"<<%s/D<</FS/URL/F(%smedia)>>>>>>>>>>" % (screen, url),
        ]
    )
