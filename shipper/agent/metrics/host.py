"""Host metrics by psutil, in Metricbeat's names: one document a dataset (a device, a mount point) and interval."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import psutil

from shipper.agent.metrics.processes import Processes, ProcessSettings
from shipper.agent.metrics.rate import Growth

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shipper.clock import Clock

Sample = tuple[str, dict[str, Any]]
"""(what tells it from its like, e.g. the mount point; the document's own fields)."""

_PSEUDO = {"squashfs", "overlay", "tmpfs", "devtmpfs", "ramfs", "proc", "sysfs", "iso9660", "autofs", ""}
_SHARES = ("user", "system", "idle", "iowait", "steal")


class Host:
    """Samples datasets by name; it remembers the last sample, from which rates are measured.

    Each method is a dataset; its generator may raise OSError or psutil.Error where the system refuses.
    """

    def __init__(self, clock: Clock, processes: ProcessSettings | None = None) -> None:
        self._io = Growth(clock)
        self._network = Growth(clock)
        self._processes = Processes(processes or ProcessSettings(), clock)

    def sample(self, dataset: str) -> Iterator[Sample]:
        """The documents of one dataset now."""
        methods = {name: getattr(self, name) for name in DATASETS}
        yield from methods[dataset]()

    def cpu(self) -> Iterator[Sample]:
        """Shares of all cores since the last call; 1.0 is everything."""
        times = psutil.cpu_times_percent(interval=None)
        shares = {name: round(getattr(times, name, 0.0) / 100, 4) for name in _SHARES}
        fields: dict[str, Any] = {name: {"norm": {"pct": value}} for name, value in shares.items()}
        fields["total"] = {"norm": {"pct": _busy(shares)}}
        yield "", _system(cpu={"cores": psutil.cpu_count() or 1, **fields})

    def core(self) -> Iterator[Sample]:
        """As `cpu`, one a core."""
        for number, times in enumerate(psutil.cpu_times_percent(interval=None, percpu=True)):
            shares = {name: round(getattr(times, name, 0.0) / 100, 4) for name in _SHARES}
            fields = {name: {"pct": value} for name, value in shares.items()}
            yield str(number), _system(core={"id": str(number), **fields, "total": {"pct": _busy(shares)}})

    def memory(self) -> Iterator[Sample]:
        """Bytes and shares of memory and swap; `actual` leaves out what the kernel would give back."""
        now = psutil.virtual_memory()
        swap = psutil.swap_memory()
        actual = now.total - now.available
        yield (
            "",
            _system(
                memory={
                    "total": now.total,
                    "free": now.free,
                    "used": {"bytes": now.used, "pct": _share(now.used, now.total)},
                    "actual": {"free": now.available, "used": {"bytes": actual, "pct": _share(actual, now.total)}},
                    "swap": {"total": swap.total, "used": {"bytes": swap.used, "pct": _share(swap.used, swap.total)}},
                }
            ),
        )

    def filesystem(self) -> Iterator[Sample]:
        """One a real mount point; bytes and share in use."""
        devices = set()
        for part in psutil.disk_partitions(all=False):
            if part.fstype in _PSEUDO or part.device in devices:
                continue
            devices.add(part.device)
            try:
                usage = psutil.disk_usage(part.mountpoint)
            except OSError:
                continue  # a mount that went away or is not ours to see
            fields = {
                "mount_point": part.mountpoint,
                "device_name": part.device,
                "type": part.fstype,
                "total": usage.total,
                "available": usage.free,
                "used": {"bytes": usage.used, "pct": _share(usage.used, usage.used + usage.free)},
            }
            yield part.mountpoint, _system(filesystem=fields)

    def diskio(self) -> Iterator[Sample]:
        """One a device that ever worked: totals since boot, and rates since the last sample."""
        devices = psutil.disk_io_counters(perdisk=True) or {}
        for name, now in devices.items():
            if not now.read_count and not now.write_count:
                continue
            busy = getattr(now, "busy_time", 0)
            values = {
                "read_bytes": now.read_bytes,
                "write_bytes": now.write_bytes,
                "reads": now.read_count,
                "writes": now.write_count,
                "busy": busy,
            }
            fields: dict[str, Any] = {
                "name": name,
                "read": {"bytes": now.read_bytes, "count": now.read_count, "time": now.read_time},
                "write": {"bytes": now.write_bytes, "count": now.write_count, "time": now.write_time},
                "io": {"time": busy},
            }
            rates = self._io.per_second(name, values)
            if rates is not None:
                fields["iostat"] = {
                    "read": {
                        "per_sec": {"bytes": round(rates["read_bytes"], 1)},
                        "request": {"per_sec": round(rates["reads"], 2)},
                    },
                    "write": {
                        "per_sec": {"bytes": round(rates["write_bytes"], 1)},
                        "request": {"per_sec": round(rates["writes"], 2)},
                    },
                    "busy": round(min(1.0, rates["busy"] / 1000) * 100, 2),
                }
            yield name, _system(diskio=fields)
        self._io.forget_others()

    def network(self) -> Iterator[Sample]:
        """One an interface but loopback: totals since boot, and rates since the last sample."""
        for name, now in psutil.net_io_counters(pernic=True).items():
            if name == "lo":
                continue
            into = {
                "bytes": now.bytes_recv,
                "packets": now.packets_recv,
                "errors": now.errin,
                "dropped": now.dropin,
            }
            out = {"bytes": now.bytes_sent, "packets": now.packets_sent, "errors": now.errout, "dropped": now.dropout}
            fields: dict[str, Any] = {"name": name, "in": into, "out": out}
            values = {f"{way}.{what}": side[what] for way, side in (("in", into), ("out", out)) for what in _RATED}
            rates = self._network.per_second(name, values)
            if rates is not None:
                for way, side in (("in", into), ("out", out)):
                    fields[way] = {**side, "per_sec": {what: round(rates[f"{way}.{what}"], 1) for what in _RATED}}
            yield name, _system(network=fields)
        self._network.forget_others()

    def load(self) -> Iterator[Sample]:
        """Load averages, also divided by the cores."""
        one, five, fifteen = os.getloadavg()
        cores = psutil.cpu_count() or 1
        norm = {"1": round(one / cores, 4), "5": round(five / cores, 4), "15": round(fifteen / cores, 4)}
        whole = {"1": round(one, 2), "5": round(five, 2), "15": round(fifteen, 2)}
        yield "", _system(load={"cores": cores, "norm": norm, **whole})

    def process(self) -> Iterator[Sample]:
        """The processes that take most, by `processes`."""
        yield from self._processes.sample()


DATASETS = ("cpu", "core", "memory", "filesystem", "diskio", "network", "load", "process")
"""What can be sampled."""
DEFAULT = ("cpu", "memory", "filesystem", "diskio", "network", "load")
"""What is, unless told: cores and processes are many."""
_RATED = ("bytes", "packets")


def _system(**fields: Any) -> dict[str, Any]:
    return {"system": fields}


def _busy(shares: dict[str, float]) -> float:
    return round(max(0.0, 1 - shares["idle"] - shares["iowait"]), 4)


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
