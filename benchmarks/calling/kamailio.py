"""Kamailio: a configuration that does what the example proxy does, and no more.

One worker that gets messages, Record-Route, no log, no DNS. What Kamailio's own documents advise
for speed is on; `mlock_pages` and real-time priorities change waiting times, not CPU time.
"""

from __future__ import annotations

import subprocess

from benchmarks.calling.processes import HOST, Processes, program
from benchmarks.ports import free_port

GLOBALS = """\
debug=-3
log_stderror=no
fork=yes
children=1
auto_aliases=no
dns=no
rev_dns=no
mhomed=no
maxbuffer=4194304
"""
STATELESS = """
request_route {{
    {checks}
    if (loose_route()) {{
        forward();
        exit;
    }}
    record_route();
    {forward}("{host}", {next_port});
}}
"""
STATEFUL = """
request_route {{
    {checks}
    if (is_method("CANCEL")) {{
        if (t_check_trans()) t_relay();
        exit;
    }}
    if (loose_route()) {{
        t_relay();
        exit;
    }}
    record_route();
    {relay}("{host}", "{next_port}");
}}
"""
MAX_FORWARDS = """\
if (!mf_process_maxfwd_header("10")) {
        sl_send_reply("483", "Too Many Hops");
        exit;
    }"""


def configuration(
    port: int,
    next_port: int,
    *,
    transport: str = "udp",
    stateful: bool = False,
    checks: bool = False,
) -> str:
    """Return the text of kamailio.cfg.

    With `checks`, Max-Forwards is counted down, which costs Kamailio a few microseconds a call.
    """
    modules = [
        "sl",
        "rr",
        *(["tm", "textops"] if stateful else []),
        *(["maxfwd"] if checks else []),
    ]
    tcp = "tcp_children=1\ntcp_accept_no_cl=no\n" if transport == "tcp" else "disable_tcp=yes\n"
    route = (STATEFUL if stateful else STATELESS).format(
        checks=MAX_FORWARDS if checks else "",
        host=HOST,
        next_port=next_port,
        forward="forward_tcp" if transport == "tcp" else "forward",
        relay="t_relay_to_tcp" if transport == "tcp" else "t_relay_to_udp",
    )
    loads = "".join(f'loadmodule "{name}.so"\n' for name in modules)
    return f"{GLOBALS}{tcp}listen={transport}:{HOST}:{port}\n{loads}{route}"


def start_kamailio(
    processes: Processes,
    next_port: int,
    *,
    transport: str = "udp",
    stateful: bool = False,
    checks: bool = False,
    allocator: str = "fm",
    core: int | None = None,
) -> tuple[subprocess.Popen[bytes], int]:
    """Start Kamailio in front of a port of loopback; return its first process, and its port.

    `allocator` is Kamailio's ``-x``: ``fm`` is fast, ``qm`` is the default of Debian.
    """
    port = free_port()
    path = processes.folder / f"kamailio-{port}.cfg"
    text = configuration(port, next_port, transport=transport, stateful=stateful, checks=checks)
    path.write_text(text)
    run = processes.folder / f"kamailio-{port}"
    run.mkdir()
    command = [program("kamailio") or "kamailio", "-f", str(path), "-DD", "-E"]
    command += ["-x", allocator, "-m", "128", "-M", "16", "-Y", str(run), "-w", str(run)]
    process = processes.start(command, core=core)
    processes.wait_for(process, port, transport)
    return process, port
