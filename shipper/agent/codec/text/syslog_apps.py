"""What stands inside syslog lines: HAProxy, cron, PAM, sshd, sudo, access logs, JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec import web
from shipper.agent.codec.structured.json_line import JsonLine
from shipper.agent.codec.text import haproxy, syslog_nets
from shipper.agent.codec.text.access import AccessLog

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shipper.agent.codec.format import Fields

_CRON = re.compile(r"\((?P<user>[^()]*)\) (?P<action>[A-Z][A-Z ]*) \((?P<message>.*)\)", re.DOTALL)
_PAM = re.compile(
    r"(?P<module>pam_\w+)\((?P<origin>[^)]*)\): (?P<event>session (?:opened|closed)|authentication failure)"
    r"(?P<rest>.*)",
    re.DOTALL,
)
_PAM_USER = re.compile(r"(?: for user |\buser=)(?P<user>[^\s(]+)")
_PAM_HOST = re.compile(r"\brhost=(?P<host>\S+)")
_SSH_LOGIN = re.compile(
    r"(?P<event>Accepted|Failed) (?P<method>[\w\-/]+) for (?P<invalid>invalid user )?(?P<user>.*?) from (?P<ip>\S+)"
    r" port (?P<port>\d{1,5})(?: (?P<protocol>ssh\d))?(?:: (?P<signature>.*))?"
)
_SSH_INVALID = re.compile(r"(?P<event>Invalid) user (?P<user>.*?) from (?P<ip>\S+)(?: port (?P<port>\d{1,5}))?")
_SSH_PEER = re.compile(
    r"(?:maximum authentication attempts exceeded for|Connection (?:closed|reset) by"
    r"|Disconnected from|Received disconnect from|Connection from"
    r"|Did not receive identification string from)"
    r"(?: (?:invalid|authenticating) user| user)?(?: (?P<user>\S+))? (?:from )?(?P<ip>[0-9a-fA-F.:]+)"
    r"(?: port (?P<port>\d{1,5})).*"
)
_SUDO = re.compile(r" *(?P<user>\S+) : (?P<rest>.*COMMAND=.*)", re.DOTALL)
_SUDO_PART = {"TTY": "system.auth.sudo.tty", "PWD": "system.auth.sudo.pwd", "USER": "user.effective.name",
              "COMMAND": "system.auth.sudo.command"}  # fmt: skip
_ACCESS = AccessLog()
_JSON = JsonLine()


def read_inside(app: str, message: str) -> Fields:
    """The fields of `message` as the program `app` writes it; empty where there is nothing to find."""
    program = app.lower()
    reader = _READERS.get(program.rpartition("/")[2]) or _READERS.get(program.partition("/")[0])
    found = None if reader is None else reader(message)
    return found or _structured(message) or _pam(message) or {}


def _structured(message: str) -> Fields | None:
    text = message.removeprefix("@cee:").lstrip()
    return _JSON.parse(text, {}) if text.startswith("{") and text.rstrip().endswith("}") else None


def _cron(message: str) -> Fields | None:
    match = _CRON.fullmatch(message)
    if match is None:
        return None
    return {"user.name": match["user"], "system.cron.action": match["action"], "message": match["message"]}


def _pam(message: str) -> Fields | None:
    match = _PAM.fullmatch(message) if message.startswith("pam_") else None
    if match is None:
        return None
    fields: Fields = {"system.auth.pam.module": match["module"], "system.auth.pam.origin": match["origin"]}
    if match["event"].startswith("session"):
        fields["system.auth.pam.session_state"] = match["event"].removeprefix("session ")
    else:
        fields["event.outcome"] = "failure"
    user, host = _PAM_USER.search(match["rest"]), _PAM_HOST.search(match["rest"])
    if user is not None:
        fields["user.name"] = user["user"]
    if host is not None:
        web.address(fields, "source", host["host"])
    return fields


def _sshd(message: str) -> Fields | None:
    if message.startswith(("error: ", "fatal: ", "debug1: ")):
        level = syslog_nets.level_of(message)
        return {**(_sshd(message.partition(": ")[2]) or {}), **level}
    match = _SSH_LOGIN.fullmatch(message) or _SSH_INVALID.fullmatch(message) or _SSH_PEER.fullmatch(message)
    if match is None:
        return None
    part = match.groupdict()
    fields: Fields = {}
    web.address(fields, "source", part["ip"] if not part.get("port") else f"[{part['ip']}]:{part['port']}")
    if part.get("user"):
        fields["user.name"] = part["user"]
    for key in ("event", "method", "signature"):
        if part.get(key):
            fields[f"system.auth.ssh.{key}"] = part[key]
    if part.get("event"):
        fields["event.outcome"] = "success" if part["event"] == "Accepted" else "failure"
    return fields


def _sudo(message: str) -> Fields | None:
    match = _SUDO.fullmatch(message)
    if match is None:
        return None
    fields: Fields = {"user.name": match["user"]}
    before, _, command = match["rest"].partition("COMMAND=")
    for piece in before.split(" ; "):
        key, sign, value = piece.strip(" ;").partition("=")
        if sign and key in _SUDO_PART:
            fields[_SUDO_PART[key]] = value
        elif not sign and key:
            fields["system.auth.sudo.error"] = key
    return {**fields, "system.auth.sudo.command": command}


def _access(message: str) -> Fields | None:
    return _ACCESS.parse(message, {})


_READERS: Mapping[str, Callable[[str], Fields | None]] = {
    "haproxy": haproxy.read,
    "cron": _cron,
    "crond": _cron,
    "crontab": _cron,
    "sshd": _sshd,
    "sshd-session": _sshd,
    "sudo": _sudo,
    "postfix": syslog_nets.read_postfix,
    "dovecot": syslog_nets.read_dovecot,
    "named": syslog_nets.read_named,
    "dnsmasq": syslog_nets.read_dnsmasq,
    "unbound": syslog_nets.read_unbound,
    "kernel": syslog_nets.read_kernel,
    "nginx": _access,
    "httpd": _access,
    "apache": _access,
    "apache2": _access,
}
