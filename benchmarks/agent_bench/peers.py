"""How each shipper is told to send one file from its beginning to a sink; settings as its documentation advises."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True)
class Job:
    """One run: `kind` is the sink's, `folder` is empty and the run's own."""

    program: str
    kind: str
    log: Path
    port: int
    folder: Path


def shipper(job: Job) -> list[str]:
    """With every guarantee on; it adds host, agent, event, log and an id to each document."""
    scheme = {"lumberjack": "logstash", "bulk": "elasticsearch+http"}[job.kind]
    output = f"{scheme}://127.0.0.1:{job.port}"
    command = [job.program, "-m", "shipper", "agent", "run", "--once", "--path", str(job.log), "--output", output]
    return [*command, "--state", str(job.folder / "state")]


_DISSECT = (
    '%{source.address} - %{user.name} [%{labels.time}] "%{http.request.method} %{url.original} HTTP/%{http.version}" '
    '%{http.response.status_code|integer} %{http.response.body.bytes|integer} "%{http.request.referrer}" '
    '"%{user_agent.original}"'
)
"""Less than ours does: the time stays text, path and query stay one, there is no route and no outcome."""


def _holds_json(job: Job) -> bool:
    return not job.log.name.startswith("access")


def filebeat(job: Job) -> list[str]:
    """It adds agent, ecs, host, input and log; access lines are cut apart by `dissect`."""
    dissect = {"dissect": {"tokenizer": _DISSECT, "field": "message", "target_prefix": ""}}
    processors = json.dumps([] if _holds_json(job) else [dissect])
    parser = "[{ndjson: {target: '', overwrite_keys: true}}]" if _holds_json(job) else "[]"
    if job.kind == "lumberjack":
        output = f"output.logstash: {{hosts: ['127.0.0.1:{job.port}'], bulk_max_size: 2048}}"
    else:
        output = f"output.elasticsearch: {{hosts: ['http://127.0.0.1:{job.port}'], bulk_max_size: 2048, worker: 1}}"
    config = f"""
filebeat.inputs: [{{type: filestream, id: bench, paths: ['{job.log}'], parsers: {parser}}}]
processors: {processors}
queue.mem: {{events: 32768, flush.min_events: 2048, flush.timeout: 1s}}
setup: {{template.enabled: false, ilm.enabled: false}}
logging: {{level: error, to_stderr: true}}
{output}
"""
    return [job.program, "-c", _write(job, config), "--path.data", str(job.folder), "--strict.perms=false"]


def rsyslog(job: Job) -> list[str]:
    """It adds nothing: the line is the document (of an access line: its `message`)."""
    template = "%msg%" if _holds_json(job) else '{\\"message\\":\\"%msg:::json%\\"}'
    config = f"""
global(workDirectory="{job.folder}")
module(load="imfile" mode="inotify")
module(load="omelasticsearch")
template(name="doc" type="string" string="{template}")
input(type="imfile" file="{job.log}" tag="bench:" ruleset="out" freshStartTail="off")
ruleset(name="out" queue.type="FixedArray" queue.size="50000" queue.dequeueBatchSize="2048") {{
  action(type="omelasticsearch" server="127.0.0.1" serverport="{job.port}" template="doc" searchIndex="bench"
         searchType="" bulkmode="on" maxbytes="10m")
}}
"""
    return [job.program, "-n", "-f", _write(job, config), "-i", str(job.folder / "pid"), *_modules(job.program)]


def syslog_ng(job: Job) -> list[str]:
    """It adds nothing: the line is the document (of an access line: its `message`)."""
    body = "$MESSAGE" if _holds_json(job) else "$(format-json message=$MESSAGE)"
    config = f"""
@version: 3.38
options {{ log-msg-size(65536); }};
source s {{ file("{job.log}" read-old-records(yes) follow-freq(0.1) flags(no-parse) log-iw-size(20000)
  log-fetch-limit(1000)); }};
destination d {{ http(url("http://127.0.0.1:{job.port}/_bulk") method("POST") batch-lines(2000) batch-timeout(100)
  workers(1) headers("Content-Type: application/x-ndjson") delimiter("") body("{{\\"create\\":{{}}}}\\n{body}\\n")); }};
log {{ source(s); destination(d); flags(flow-control); }};
"""
    state = [f"--persist-file={job.folder}/persist", f"--control={job.folder}/ctl", f"--pidfile={job.folder}/pid"]
    return [job.program, "-F", "--no-caps", f"--cfgfile={_write(job, config)}", *state]


def _modules(program: str) -> list[str]:
    """A program that was unpacked somewhere has its modules beside it."""
    prefix, found, _ = program.rpartition("/usr/sbin/rsyslogd")
    return ["-M", f"{prefix}/usr/lib/x86_64-linux-gnu/rsyslog"] if found and prefix else []


def _write(job: Job, config: str) -> str:
    path = job.folder / "config"
    path.write_text(config)
    path.chmod(0o600)
    return str(path)


PEERS: dict[str, tuple[Callable[[Job], list[str]], tuple[str, ...], str]] = {
    "shipper": (shipper, ("lumberjack", "bulk"), sys.executable),
    "filebeat": (filebeat, ("lumberjack", "bulk"), "filebeat"),
    "rsyslog": (rsyslog, ("bulk",), "rsyslogd"),
    "syslog-ng": (syslog_ng, ("bulk",), "syslog-ng"),
}
"""Name -> (how to start it, sinks it can send to, its program)."""


def found(named: dict[str, str]) -> dict[str, str]:
    """Name -> program of the shippers on this machine; `named` says where some are."""
    programs = {name: named.get(name) or shutil.which(program) for name, (_, _, program) in PEERS.items()}
    return {name: program for name, program in programs.items() if program}
