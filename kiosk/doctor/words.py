"""What the findings say: a sentence of each, and what to do where something is wrong.

Those of a server's faults are the pages' own (static/i18n, ``error.…``).
"""

from __future__ import annotations

from collections.abc import Mapping

LIBREOFFICE = (
    "apt-get install --no-install-recommends libreoffice-writer-nogui libreoffice-calc-nogui "
    "libreoffice-impress-nogui"
)

CHECKS: Mapping[str, Mapping[str, str]] = {
    "zh-CN": {
        "python": "Python", "settings": "设置", "disk": "磁盘", "port": "端口", "nginx": "nginx",
        "fonts": "字体", "office": "LibreOffice", "browser": "浏览器", "servers": "服务器",
        "server": "服务器", "clock": "时钟", "heard": "本网络",
    },
    "en": {
        "python": "Python", "settings": "settings", "disk": "disk", "port": "port",
        "nginx": "nginx", "fonts": "fonts", "office": "LibreOffice", "browser": "browser",
        "servers": "servers", "server": "server", "clock": "clock", "heard": "network",
    },
}  # fmt: skip
STATES: Mapping[str, Mapping[str, str]] = {
    "zh-CN": {"ok": "正常", "warn": "注意", "fail": "故障"},
    "en": {"ok": "ok", "warn": "warn", "fail": "FAIL"},
}
ENDS: Mapping[str, Mapping[str, str]] = {
    "zh-CN": {
        "fine": "可以使用。", "warned": "可以使用；有 {warn} 处需要注意。",
        "broken": "有 {fail} 处故障、{warn} 处需要注意。",
    },
    "en": {
        "fine": "All is well.", "warned": "It works; points to note: {warn}.",
        "broken": "Faults: {fail}, points to note: {warn}.",
    },
}  # fmt: skip

ENGLISH: Mapping[str, tuple[str, str]] = {
    "python.ok": ("{version}", ""),
    "settings.ok": ("{path}: {count} settings", ""),
    "settings.none": ("no file; defaults, flags and environment count", ""),
    "settings.aside": (
        "{path}: this file could not be read and was set aside",
        "Take from it what is still wanted, on the options page, and remove it.",
    ),
    "settings.wrong": (
        "{path}: these make no sense and are passed over: {names}",
        "Correct or remove them; docs/settings.md lists what each may be.",
    ),
    "settings.unreadable": ("{path}: {why}", "Give its user the right to read it."),
    "disk.ok": ("{path}: {free} MB free, can be written", ""),
    "disk.tight": (
        "{path}: {free} MB free, a package of the largest size would need {needed} MB",
        "Remove ended meetings (kiosk purge), or take a larger disk.",
    ),
    "disk.full": (
        "{path}: {free} MB free, {needed} MB have to stay free",
        "Remove ended meetings (kiosk purge), or take a larger disk.",
    ),
    "disk.refused": (
        "{path} cannot be written by {user}: {why}",
        "It is {owner}'s. Give it to the user that kiosk runs as, or run this as that user.",
    ),
    "disk.foreign": (
        "{path} belongs to {owner}, this was run by {user}",
        "Run it as kiosk runs: sudo -u {owner} kiosk doctor --data-dir {path}",
    ),
    "port.free": ("{host}:{port} is free", ""),
    "port.ours": ("{host}:{port}: kiosk runs and answers", ""),
    "port.taken": (
        "{host}:{port} is taken by another program",
        "End that program, or choose another port (--port).",
    ),
    "port.refused": ("{why}", "Choose an address of this machine (--host)."),
    "nginx.ok": ("{version}", ""),
    "nginx.unused": ("not used: the node's own threads send the bytes", ""),
    "nginx.none": (
        "not installed: the node's own threads send the bytes, at a lower speed",
        "apt-get install nginx-light && systemctl disable --now nginx",
    ),
    "fonts.ok": ("{count} with Chinese characters, such as {name}", ""),
    "fonts.none": ("none with Chinese characters", "apt-get install fonts-noto-cjk fontconfig"),
    "office.ok": ("{version}", ""),
    "office.none": (
        "not installed: Office files are shown by simpler means, old formats not at all",
        LIBREOFFICE,
    ),
    "office.silent": ("{path} does not start", "Install it anew: " + LIBREOFFICE),
    "browser.ok": ("{version}", ""),
    "browser.none": ("no Chromium here", "apt-get install chromium"),
    "browser.silent": ("{path} does not say its version", "Start it once by hand and see."),
    "servers.folder": ("no upstream is set; a node of a folder needs none", ""),
    "servers.none": (
        "no server is set",
        "Enter the first server's address on the options page, or give --server-ip.",
    ),
    "server.ours.meeting": ("{ms} ms, kiosk node, has a meeting", ""),
    "server.ours.idle": ("{ms} ms, kiosk node, no meeting in progress", ""),
    "server.existing.meeting": ("{ms} ms, has a meeting", ""),
    "server.existing.idle": ("{ms} ms, no meeting in progress", ""),
    "clock.ok": ("agrees with the servers", ""),
    "clock.ahead": (
        "{seconds} s ahead of the servers",
        "Set the clock (timedatectl); nothing fails by it, but times are shown wrong.",
    ),
    "clock.behind": (
        "{seconds} s behind the servers",
        "Set the clock (timedatectl); nothing fails by it, but times are shown wrong.",
    ),
    "heard.node": ("announces itself here as {name}, node, kiosk {version}", ""),
    "heard.origin": ("announces itself here as {name}, origin, kiosk {version}", ""),
    "heard.none": ("no node announces itself on this network", ""),
    "heard.deaf": (
        "nodes cannot be heard: {why}",
        "Connect the network; servers can be entered by their addresses all the same.",
    ),
}

CHINESE: Mapping[str, tuple[str, str]] = {
    "python.ok": ("{version}", ""),
    "settings.ok": ("{path}：{count} 项", ""),
    "settings.none": ("没有设置文件；使用默认值、启动选项和环境变量", ""),
    "settings.aside": (
        "{path}：此文件无法读取，已被搁置",
        "如其中还有需要的内容，请在设置页重新填写，然后删除此文件。",
    ),
    "settings.wrong": (
        "{path}：以下各项无效，已被忽略：{names}",
        "请改正或删除；docs/settings.md 列出每一项的取值。",
    ),
    "settings.unreadable": ("{path}:{why}", "请让运行用户有权读取此文件。"),
    "disk.ok": ("{path}：剩余 {free} MB，可以写入", ""),
    "disk.tight": (
        "{path}：剩余 {free} MB，最大的材料包需要 {needed} MB",
        "请清除已结束的会议（kiosk purge），或更换更大的磁盘。",
    ),
    "disk.full": (
        "{path}：剩余 {free} MB，必须保留 {needed} MB",
        "请清除已结束的会议（kiosk purge），或更换更大的磁盘。",
    ),
    "disk.refused": (
        "{user} 不能写入 {path}：{why}",
        "请把目录交给 kiosk 的运行用户，或以该用户运行本命令：目录属于 {owner}。",
    ),
    "disk.foreign": (
        "{path} 属于 {owner}，本命令由 {user} 运行",
        "请以 kiosk 的运行用户执行：sudo -u {owner} kiosk doctor --data-dir {path}",
    ),
    "port.free": ("{host}:{port} 空闲", ""),
    "port.ours": ("{host}:{port}：kiosk 正在运行并有应答", ""),
    "port.taken": ("{host}:{port} 已被其他程序占用", "请结束该程序，或改用其他端口（--port）。"),
    "port.refused": ("{why}", "请使用本机的地址（--host）。"),
    "nginx.ok": ("{version}", ""),
    "nginx.unused": ("不使用：由节点自己的线程发送", ""),
    "nginx.none": (
        "未安装：由节点自己的线程发送，速度较低",
        "apt-get install nginx-light && systemctl disable --now nginx",
    ),
    "fonts.ok": ("有 {count} 种中文字体，如 {name}", ""),
    "fonts.none": ("没有中文字体", "apt-get install fonts-noto-cjk fontconfig"),
    "office.ok": ("{version}", ""),
    "office.none": ("未安装：Office 文件只能以简化方式显示，旧格式不能显示", LIBREOFFICE),
    "office.silent": ("{path} 无法启动", "请重新安装：" + LIBREOFFICE),
    "browser.ok": ("{version}", ""),
    "browser.none": ("没有 Chromium 浏览器", "apt-get install chromium"),
    "browser.silent": ("{path} 没有报告版本", "请手工启动一次，查看原因。"),
    "servers.folder": ("没有设置上级服务器；使用文件夹的节点不需要", ""),
    "servers.none": ("没有设置服务器", "请在设置页填写第一台服务器的地址，或使用 --server-ip。"),
    "server.ours.meeting": ("{ms} 毫秒，kiosk 节点，有会议", ""),
    "server.ours.idle": ("{ms} 毫秒，kiosk 节点，没有进行中的会议", ""),
    "server.existing.meeting": ("{ms} 毫秒，有会议", ""),
    "server.existing.idle": ("{ms} 毫秒，没有进行中的会议", ""),
    "clock.ok": ("与服务器一致", ""),
    "clock.ahead": (
        "比服务器快 {seconds} 秒",
        "请校准时钟（timedatectl）；不影响下载，但显示的时间不对。",
    ),
    "clock.behind": (
        "比服务器慢 {seconds} 秒",
        "请校准时钟（timedatectl）；不影响下载，但显示的时间不对。",
    ),
    "heard.node": ("在本网络中报出自己：{name}，节点，kiosk {version}", ""),
    "heard.origin": ("在本网络中报出自己：{name}，源站，kiosk {version}", ""),
    "heard.none": ("本网络中没有节点报出自己", ""),
    "heard.deaf": (
        "无法收听网络中的节点：{why}",
        "请连接网络；服务器地址仍可手工填写。",
    ),
}

WORDS: Mapping[str, Mapping[str, tuple[str, str]]] = {"zh-CN": CHINESE, "en": ENGLISH}
