"""Host metrics by psutil, in Metricbeat's names: one document a dataset (a device, a mount point) and interval."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Sample = tuple[str, dict[str, Any]]
"""(what tells it from its like, e.g. the mount point; the fields under `system`)."""

_PSEUDO = {"squashfs", "overlay", "tmpfs", "devtmpfs", "ramfs", "proc", "sysfs", "iso9660", "autofs", ""}


def cpu() -> Iterator[Sample]:
    """Shares of all cores since the last call; 1.0 is everything."""
    times = psutil.cpu_times_percent(interval=None)
    cores = psutil.cpu_count() or 1
    shares = {name: round(getattr(times, name) / 100, 4) for name in ("user", "system", "idle", "iowait", "steal")}
    fields: dict[str, Any] = {name: {"norm": {"pct": value}} for name, value in shares.items()}
    fields["total"] = {"norm": {"pct": round(max(0.0, 1 - shares["idle"] - shares["iowait"]), 4)}}
    yield "", {"cpu": {"cores": cores, **fields}}


def memory() -> Iterator[Sample]:
    """Bytes and shares of memory and swap; `actual` leaves out what the kernel would give back."""
    now = psutil.virtual_memory()
    swap = psutil.swap_memory()
    actual = now.total - now.available
    yield (
        "",
        {
            "memory": {
                "total": now.total,
                "free": now.free,
                "used": {"bytes": now.used, "pct": _share(now.used, now.total)},
                "actual": {"free": now.available, "used": {"bytes": actual, "pct": _share(actual, now.total)}},
                "swap": {"total": swap.total, "used": {"bytes": swap.used, "pct": _share(swap.used, swap.total)}},
            }
        },
    )


def filesystem() -> Iterator[Sample]:
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
        yield (
            part.mountpoint,
            {
                "filesystem": {
                    "mount_point": part.mountpoint,
                    "device_name": part.device,
                    "type": part.fstype,
                    "total": usage.total,
                    "available": usage.free,
                    "used": {"bytes": usage.used, "pct": _share(usage.used, usage.used + usage.free)},
                }
            },
        )


def network() -> Iterator[Sample]:
    """One an interface but loopback; totals since boot."""
    for name, now in psutil.net_io_counters(pernic=True).items():
        if name != "lo":
            yield (
                name,
                {
                    "network": {
                        "name": name,
                        "in": {"bytes": now.bytes_recv, "packets": now.packets_recv, "errors": now.errin},
                        "out": {"bytes": now.bytes_sent, "packets": now.packets_sent, "errors": now.errout},
                    }
                },
            )


def load() -> Iterator[Sample]:
    """Load averages, also divided by the cores."""
    one, five, fifteen = os.getloadavg()
    cores = psutil.cpu_count() or 1
    norm = {"1": round(one / cores, 4), "5": round(five / cores, 4), "15": round(fifteen / cores, 4)}
    whole = {"1": round(one, 2), "5": round(five, 2), "15": round(fifteen, 2)}
    yield "", {"load": {"cores": cores, "norm": norm, **whole}}


DATASETS: dict[str, Callable[[], Iterator[Sample]]] = {
    "cpu": cpu,
    "memory": memory,
    "filesystem": filesystem,
    "network": network,
    "load": load,
}
"""Dataset -> sampler."""


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
