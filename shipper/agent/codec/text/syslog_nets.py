"""What the mail, name and packet daemons write inside syslog: Postfix, Dovecot, BIND, dnsmasq, Unbound, netfilter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec import web

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields

_LEVEL = re.compile(r"(?P<level>warning|error|fatal|panic|debug1|debug): ")
_POSTFIX_PEER = re.compile(
    r"(?:^(?:dis)?connect from |^lost connection after \S+ from | from |client=)(?P<host>[^\s\[\]]+)\[(?P<ip>[^\]]+)\]"
)
_POSTFIX_SASL = re.compile(
    r"warning: (?P<host>[^\s\[\]]+)\[(?P<ip>[^\]]+)\]: SASL \S+ authentication failed\b"
    r"(?:.*\bsasl_username=(?P<user>[^\s,]+))?",
    re.DOTALL,
)
_QUEUE = re.compile(r"(?P<id>[0-9A-F]{6,15}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{12,20}): ")
_POSTFIX_PAIR = re.compile(
    r"\b(?P<key>from|to|relay|status|dsn|message-id|delay|size|nrcpt)=(?:<(?P<angle>[^>]*)>|(?P<bare>[^\s,]+))"
)
_POSTFIX_NAMES = {"from": "email.from.address", "to": "email.to.address", "message-id": "email.message_id"}
_DOVECOT = re.compile(r"\b(?P<key>user|rip|lip|rport|lport|method)=<?(?P<value>[^\s,<>]*)>?")
_DOVECOT_LOGIN = re.compile(
    r"(?:imap|pop3|submission|managesieve)-login: (?:Info: )?"
    r"(?:(?P<in>Login: )|.{0,200}?\((?:proxy dest )?auth failed\b)"
)
_DOVECOT_LEVEL = re.compile(r"[^:]{1,120}: (?P<level>Info|Warning|Error|Fatal|Panic|Debug): ")
_NAMED = re.compile(
    r"client (?:@0x[0-9a-f]+ )?(?P<ip>[0-9a-fA-F:.]+)#(?P<port>\d{1,5})(?: \([^()]*\))?:"
    r"(?: view \S+:)? query(?: failed[^:]*)?: "
    r"(?P<name>\S+) (?P<class>[A-Z]+) (?P<type>[A-Z0-9]+)"
    r"(?: (?P<flags>[+\-]\S*))?(?: \((?P<server>[0-9a-fA-F:.]+)\))?(?: .*)?"
)
_DNSMASQ = re.compile(
    r"(?:\d{1,18} [0-9a-fA-F.:]+/\d{1,5} )?query\[(?P<type>[A-Z0-9]+)\] (?P<name>\S+) from (?P<ip>\S+)"
)
_UNBOUND = re.compile(r"(?P<ip>[0-9a-fA-F:.]+) (?P<name>\S+\.) (?P<type>[A-Z0-9]+) (?P<class>[A-Z]+)(?: .*)?")
_PACKET = re.compile(r"(?:\[ *\d+\.\d+\] ?)?(?:\[?(?P<rule>[^=\]]{1,60}?)\]?:? ?)?(?=IN=\S* OUT=)")
_PACKET_PAIR = re.compile(r"\b(?P<key>[A-Z]{2,7})=(?P<value>\S*)")
_PACKET_NAMES = {
    "SRC": "source", "DST": "destination", "IN": "observer.ingress.interface.name",
    "OUT": "observer.egress.interface.name",
}  # fmt: skip
_MAC_PARTS = 14


def level_of(message: str) -> Fields:
    """`warning: text`, as Postfix and OpenSSH begin what is worse than information."""
    match = _LEVEL.match(message)
    return {} if match is None else {"log.level": "debug" if match["level"] == "debug1" else match["level"]}


def read_postfix(message: str) -> Fields | None:
    """Queue id, sender, recipient, status and peer."""
    queue = _QUEUE.match(message)
    fields: Fields = {}
    rest = message if queue is None else message[queue.end() :]
    if queue is not None:
        fields["email.local_id"] = queue["id"]
    for pair in _POSTFIX_PAIR.finditer(rest[:4096]):
        value = pair["angle"] if pair["angle"] is not None else pair["bare"]
        if value:
            name = _POSTFIX_NAMES.get(pair["key"], f"postfix.{pair['key'].replace('-', '_')}")
            fields.setdefault(name, [value] if name.endswith(".address") else value)
    if "postfix.status" in fields:
        fields["event.outcome"] = "success" if fields["postfix.status"] == "sent" else "failure"
    sasl = _POSTFIX_SASL.match(rest[:1024])
    if sasl is not None:
        fields.update(signed_in(well=False))
        if sasl["user"]:
            fields["user.name"] = sasl["user"]
    peer = sasl or _POSTFIX_PEER.search(rest[:1024])
    if peer is not None:
        web.address(fields, "source", f"[{peer['ip']}]")
        if peer["host"] != "unknown":
            fields["source.domain"] = peer["host"]
    return {**level_of(rest), **fields} or None


def read_dovecot(message: str) -> Fields | None:
    """`imap-login: Login: user=<ann>, method=PLAIN, rip=1.2.3.4, lip=5.6.7.8, …`."""
    fields: Fields = {}
    level = _DOVECOT_LEVEL.match(message)
    if level is not None:
        fields["log.level"] = level["level"]
    found = {pair["key"]: pair["value"] for pair in _DOVECOT.finditer(message[:2048]) if pair["value"]}
    for prefix, ip, port in (("source", "rip", "rport"), ("destination", "lip", "lport")):
        if ip in found:
            web.address(fields, prefix, f"[{found[ip]}]:{found.get(port, '')}")
    if "rip" in found and "user" in found:
        fields["user.name"] = found["user"]
    login = _DOVECOT_LOGIN.match(message)
    if login is not None:
        fields.update(signed_in(well=login["in"] is not None))
    return fields or None


def signed_in(*, well: bool) -> Fields:
    """Somebody signed in, or failed to, as ECS says it."""
    return {"event.category": ["authentication"], "event.outcome": "success" if well else "failure"}


def _question(fields: Fields, match: re.Match[str]) -> Fields:
    part = match.groupdict()
    web.address(fields, "source", f"[{part['ip']}]:{part.get('port') or ''}")
    fields["dns.question.name"] = part["name"].rstrip(".") or "."
    fields["dns.question.type"] = part["type"]
    if part.get("server"):
        web.address(fields, "server", f"[{part['server']}]")
    if part.get("flags"):
        fields["bind.log.question.flags"] = part["flags"]
    if part.get("class"):
        fields["dns.question.class"] = part["class"]
    return fields


def read_named(message: str) -> Fields | None:
    """BIND's queries."""
    match = _NAMED.fullmatch(message)
    return None if match is None else _question({}, match)


def read_dnsmasq(message: str) -> Fields | None:
    """Queries of dnsmasq."""
    match = _DNSMASQ.fullmatch(message)
    return None if match is None else _question({}, match)


def read_unbound(message: str) -> Fields | None:
    """Unbound's queries."""
    match = _UNBOUND.fullmatch(message)
    return None if match is None else _question({}, match)


def read_kernel(message: str) -> Fields | None:
    """Packets that netfilter (iptables, nftables, ufw) logs: `[UFW BLOCK] IN=eth0 OUT= SRC=1.2.3.4 … DPT=22`."""
    head = _PACKET.match(message) if " OUT=" in message else None
    if head is None:
        return None
    found: dict[str, str] = {}
    for pair in _PACKET_PAIR.finditer(message, head.end()):
        found.setdefault(pair["key"], pair["value"])
    if "SRC" not in found or "DST" not in found:
        return None
    fields: Fields = {}
    web.address(fields, "source", f"[{found['SRC']}]:{found.get('SPT', '')}")
    web.address(fields, "destination", f"[{found['DST']}]:{found.get('DPT', '')}")
    if found.get("PROTO"):
        fields["network.transport"] = found["PROTO"].lower()
    for key in ("IN", "OUT"):
        if found.get(key):
            fields[_PACKET_NAMES[key]] = found[key]
    if head["rule"]:
        fields["rule.name"] = head["rule"].strip()
    mac = found.get("MAC", "").split(":")
    if len(mac) == _MAC_PARTS:
        fields["destination.mac"], fields["source.mac"] = ("-".join(part).upper() for part in (mac[:6], mac[6:12]))
    return fields
