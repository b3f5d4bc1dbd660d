"""nginx in front of a node: it takes the connections and sends the bytes; the application decides.

The application answers a request for a package with ``X-Accel-Redirect`` (`packages.py`), and nginx
then sends the file by itself. That it does so under our ETag and not under one of its own, and
judges nothing that has been judged, is what the two ``internal`` places are for. Its configuration
is written into a folder of its own, and names nothing outside of it but the address to listen on.
"""

from __future__ import annotations

import getpass
import grp
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from kiosk import listening
from kiosk.errors import UsageError
from kiosk.node.kept import Kept
from kiosk.node.packages import ASKED
from kiosk.node.sending import PART, WHOLE

PLACES = ("/usr/sbin", "/usr/local/sbin", "/usr/local/nginx/sbin")
CHECK_S = 10.0
OPEN_S = 10.0
AGAIN_S = 1.0
BODIES = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
CONNECTIONS = 8192

CONFIGURATION = """\
daemon off;
pid {run}/nginx.pid;
error_log stderr warn;
worker_processes auto;
{user}
events {{ worker_connections {connections}; }}
http {{
    access_log off;
    server_tokens off;
    default_type application/octet-stream;
    sendfile on;
    sendfile_max_chunk 1m;
    tcp_nopush on;
    keepalive_timeout 30s;
    client_header_timeout 15s;
    client_body_timeout 60s;
    send_timeout 60s;
    reset_timedout_connection on;
    large_client_header_buffers 4 16k;
    client_max_body_size 0;
{bodies}
    limit_conn_zone $server_port zone=streams:64k;
    limit_conn_status 503;
    limit_conn_log_level info;
    map $request_id $again {{ default 1; "~^[3-5]" 2; "~^[6-9]" 3; "~^[a-c]" 4; "~^[d-f]" 5; }}
    map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
    upstream app {{ server unix:{run}/app.sock; keepalive 32; keepalive_timeout 10s; }}
    server {{
        listen {listen} backlog=1024;
        location = /healthz {{
            proxy_pass http://unix:{run}/health.sock;
            proxy_set_header Host $http_host;
            proxy_set_header X-Real-IP $remote_addr;
            error_page 502 504 = @again;
        }}
        location / {{
            proxy_pass http://app;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_request_buffering off;
            proxy_max_temp_file_size 0;
            proxy_read_timeout 120s;
            error_page 502 504 = @again;
        }}
        location ~ "^{part}/(?<sha>[0-9a-f]+)\\.zip$" {{ max_ranges 1; {file} }}
        location ~ "^{whole}/(?<sha>[0-9a-f]+)\\.zip$" {{ max_ranges 0; {file} }}
        location @full {{
            proxy_pass http://unix:{run}/app.sock;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_set_header {asked} $request_uri;
            error_page 502 504 = @again;
        }}
        location @again {{
            default_type application/json;
            add_header Retry-After $again always;
            return 503 '{{"detail": "many are being served; come again"}}\\n';
        }}
    }}
}}
"""
# A package has no date, and one ETag everywhere; what there is to be judged of it has been.
FILE = (
    "internal; alias {run}/packages/$sha.zip; etag off; if_modified_since off; "
    "limit_conn streams {streams}; error_page 503 = @full; "
    "add_header ETag '\"sha256-$sha\"'; add_header Last-Modified ''; "
    "add_header Repr-Digest $upstream_http_repr_digest; "
    "add_header X-Content-Type-Options nosniff;"
)


@dataclass(frozen=True)
class Place:
    """Where it listens, what it sends, and the folder ``run`` that is its own."""

    run: Path
    packages: Path
    host: str
    port: int
    streams: int

    @property
    def socket(self) -> str:
        """Where the application has to listen."""
        return f"unix:{self.run}/app.sock"

    @property
    def aside(self) -> str:
        """Where it has to answer who asks for its health."""
        return f"unix://{self.run}/health.sock"


def program() -> str | None:
    """The nginx of this machine."""
    return shutil.which("nginx") or shutil.which("nginx", path=os.pathsep.join(PLACES))


def prepare(nginx: str, place: Place) -> str:
    """Write its configuration; what is wrong with it in this nginx's eyes, empty: nothing."""
    (place.run / "packages").symlink_to(place.packages.absolute(), target_is_directory=True)
    (place.run / "nginx.conf").write_text(_configuration(nginx, place), "utf-8")
    checked = subprocess.run(
        [nginx, "-t", "-q", *_arguments(place)], capture_output=True, timeout=CHECK_S, check=False
    )
    return checked.stderr.decode("utf-8", "replace").strip() if checked.returncode else ""


class Nginx(Kept):
    """The process."""

    def __init__(self, nginx: str, place: Place) -> None:
        super().__init__("nginx", [nginx, *_arguments(place)], AGAIN_S)
        self._place = place

    def start(self) -> None:
        """Start it, and wait until it listens; UsageError ``bad-setting`` where it does not."""
        super().start()
        give_up = time.monotonic() + OPEN_S
        while not listening.is_open(self._place.host, self._place.port):
            if time.monotonic() > give_up:
                self.stop()
                raise UsageError("bad-setting", name="front", why="nginx does not start")
            time.sleep(0.02)


def _arguments(place: Place) -> list[str]:
    return ["-p", str(place.run), "-c", str(place.run / "nginx.conf")]


def _configuration(nginx: str, place: Place) -> str:
    listen = f"[{place.host}]" if ":" in place.host else place.host
    return CONFIGURATION.format(
        run=place.run,
        user=_user(),
        connections=CONNECTIONS,
        bodies="\n".join(f"    {one}_temp_path {place.run}/{one};" for one in _bodies(nginx)),
        listen=f"{listen}:{place.port}",
        part=PART,
        whole=WHOLE,
        asked=ASKED,
        file=FILE.format(run=place.run, streams=place.streams),
    )


def _user() -> str:
    """Its workers are to be who we are: root's would otherwise be nobody, who may read nothing."""
    if os.geteuid() != 0:
        return ""
    return f"user {getpass.getuser()} {grp.getgrgid(os.getegid()).gr_name};"


def _bodies(nginx: str) -> list[str]:
    """The kinds of temporary folders that it knows: those of modules that it was built with."""
    told = subprocess.run([nginx, "-V"], capture_output=True, timeout=CHECK_S, check=False).stderr
    return [one for one in BODIES if f"--without-http_{one}_module".encode() not in told]
