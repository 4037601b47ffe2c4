"""What must hold after any misfortune: what was promised as durable is archived, once, as it was published; nothing is counted twice."""

import pathlib

import h5py
import numpy as np

# Published array -> where the archive keeps it.
ARRAYS = {
    ("pattern", "I"): "entry/azimuthal_integration/data/I",
    ("pattern", "I_sigma"): "entry/azimuthal_integration/data/I_errors",
    ("sq", "S"): "entry/structure_factor/data/S",
    ("sq", "S_sigma"): "entry/structure_factor/data/S_errors",
    ("fsdp", "fit"): "entry/fsdp/data/fit",
    ("gr", "G"): "entry/pair_distribution/data/G",
    ("gr", "G_sigma"): "entry/pair_distribution/data/G_errors",
}


class Seen:
    """What clients saw: finals with their arrays, and which scans there were."""

    def __init__(self):
        self.finals = {}  # (uid, result) -> {kind: (header, arrays)}
        self.scans = {}  # uid -> series id
        self.states = {}  # uid -> states of its results

    def note(self, header, arrays):
        scan = header.get("scan")
        if not scan or "uid" not in scan or header.get("frames", {}).get("received", 0) == 0 and "state" not in header:
            return  # of a series that is armed and has no frame yet nothing need stay
        self.scans[scan["uid"]] = scan.get("series_id")
        if header.get("state") in ("final", "aborted"):
            kind = header["schema"].split(".")[1].split("/")[0]
            self.finals.setdefault((scan["uid"], header["result"]), {})[kind] = (header, arrays)

    def durable(self):
        return {key: kinds for key, kinds in self.finals.items() if all(header["durable"] for header, _ in kinds.values())}


def read_archive(path):
    with h5py.File(path) as file:
        entry = file["entry"]
        out = {"uid": entry["provenance/scan_uid"].asstr()[()], "result": int(entry["provenance/result"][()]), "state": entry["provenance/state"].asstr()[()],
               "frames": {key: int(entry[f"frames/{key}"][()]) for key in ("expected", "received", "used", "rejected", "missing", "duplicate")},
               "numbers": entry["frames/points/number"][()] if "frames/points/number" in file["entry"] else np.array([], np.uint64),
               "flags": [flag.decode() for flag in entry["provenance/flags"][()]] if "flags" in entry["provenance"] else []}
        out["arrays"] = {key: file[where][()] for key, where in ARRAYS.items() if where in file}
    return out


def violations(folder, seen, numbers_repeat=False):
    """Sentences, empty = everything holds; and what was looked at. `numbers_repeat`: different series had the same id."""
    wrong, archives = [], {}
    for path in sorted(pathlib.Path(folder).glob("*.nxs")):
        try:
            archive = read_archive(path)
        except (OSError, KeyError) as error:
            wrong.append(f"{path.name} does not open or lacks something: {error!r}")
            continue
        if archive["uid"] in archives:
            wrong.append(f"scan {archive['uid']} is in two files")
        archives[archive["uid"]] = archive
        frames = archive["frames"]
        if frames["received"] != frames["used"] + frames["rejected"] + frames["duplicate"] or frames["expected"] != frames["used"] + frames["rejected"] + frames["missing"]:
            wrong.append(f"{path.name}: the account does not add up: {frames}")
        if len(archive["numbers"]) != len(set(archive["numbers"])):
            wrong.append(f"{path.name}: a frame is counted twice")
    for path in pathlib.Path(folder).glob("*.tmp"):
        wrong.append(f"{path.name} was left behind")
    durable = seen.durable()
    for (uid, result), kinds in durable.items():
        archive = archives.get(uid)
        if archive is None or archive["result"] < result:
            wrong.append(f"durable result {result} of scan {uid} is not archived")
            continue
        if archive["result"] > result:
            continue  # a later one of the same scan took its place
        for kind, (_, arrays) in kinds.items():
            for name, values in arrays.items():
                kept = archive["arrays"].get((kind, name))
                if kept is not None and kept.tobytes() != values.astype(kept.dtype).tobytes():
                    wrong.append(f"{name} of scan {uid} is archived otherwise than it was published")
    for uid in seen.scans:
        if uid not in archives:
            wrong.append(f"scan {uid} of series {seen.scans[uid]} was seen and has vanished")
    by_series = {}
    for uid, archive in archives.items():
        if uid in seen.scans:
            by_series.setdefault(seen.scans[uid], []).append(archive)
    for series, parts in by_series.items():
        numbers = np.concatenate([part["numbers"] for part in parts])
        if not numbers_repeat and len(numbers) != len(set(numbers)):
            wrong.append(f"series {series}: a frame is in two scans")
    told = {"archives": len(archives), "durable finals seen": len(durable), "results compared bit for bit": sum(len(kinds) for kinds in durable.values()),
            "finals": sum(a["state"] == "final" for a in archives.values()), "aborted": sum(a["state"] == "aborted" for a in archives.values()),
            "frames used": sum(a["frames"]["used"] for a in archives.values()), "frames missing": sum(a["frames"]["missing"] for a in archives.values()),
            "interrupted and gone on": sum("interrupted" in a["flags"] and a["state"] == "final" for a in archives.values())}
    return wrong, told
