"""Records to bytes and back: canonical JSON for the parent, gzip of JSON lines for a shard."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson

from yardarm_reconciler.inventory.records import (
    FORMAT,
    Confirmation,
    Entry,
    EntryState,
    Order,
    Parent,
    Pin,
    Proof,
    Record,
    Run,
    RunState,
    Turn,
)
from yardarm_reconciler.model.budget import Peak
from yardarm_reconciler.model.manifest import Key, canonical
from yardarm_reconciler.model.origin import Place


class CorruptError(Exception):
    """Bytes that we did not write as they are: truncated, edited, or of a newer format."""


@dataclass(frozen=True, slots=True)
class Shard:
    """One shard: its header and its records by workload id."""

    unit: str
    layout: int
    number: int
    epoch: int
    records: Mapping[str, Record]


def shard_of(workload: str, shards: int) -> int:
    """Which shard holds a workload: all that concerns it lies in one, so that no transaction spans shards."""
    return int.from_bytes(hashlib.sha256(workload.encode()).digest()[:8]) % shards


def encode_shard(shard: Shard) -> bytes:
    """Bytes of a shard; equal shards give equal bytes."""
    body = b"\n".join(canonical(_from_record(shard.records[id_])) for id_ in sorted(shard.records))
    header = canonical(
        {
            "format": FORMAT,
            "unit": shard.unit,
            "layout": shard.layout,
            "shard": shard.number,
            "epoch": shard.epoch,
            "records": len(shard.records),
            "checksum": hashlib.sha256(body).hexdigest(),
        }
    )
    return gzip.compress(header + b"\n" + body, compresslevel=6, mtime=0)


def decode_shard(data: bytes) -> Shard:
    """Read a shard back.

    Raises:
        CorruptError: not a shard, its checksum or its count is off, or a newer Yardarm wrote it.
    """
    try:
        header_line, _, body = gzip.decompress(data).partition(b"\n")
        header = orjson.loads(header_line)
        _require_format(header)
        if hashlib.sha256(body).hexdigest() != header["checksum"]:
            raise CorruptError("the checksum is off")
        records = [_to_record(orjson.loads(line)) for line in body.split(b"\n") if line]
        if len(records) != header["records"]:
            raise CorruptError("records are missing")
        return Shard(
            unit=header["unit"],
            layout=header["layout"],
            number=header["shard"],
            epoch=header["epoch"],
            records={record.id: record for record in records},
        )
    except (OSError, EOFError, zlib.error, KeyError, ValueError, TypeError, AttributeError) as error:
        raise CorruptError("it cannot be read") from error


def encode_parent(parent: Parent) -> bytes:
    """Bytes of a parent."""
    return canonical(
        {
            "format": FORMAT,
            "unit": parent.unit,
            "clusterUid": parent.cluster_uid,
            "epoch": parent.epoch,
            "layout": parent.layout,
            "shards": parent.shards,
            "revision": parent.revision,
            "renderer": parent.renderer,
            "mode": parent.mode,
            "waitingRuns": list(parent.waiting_runs),
            "restored": parent.restored,
            "lost": parent.lost,
            "confirmations": [
                {
                    "digest": each.digest,
                    "author": each.author,
                    "expires": each.expires.isoformat(),
                    "ids": list(each.ids),
                }
                for each in parent.confirmations
            ],
            "held": dict(parent.held),
            "history": [dict(each) for each in parent.history],
            "suspended": {id_: _from_order(order) for id_, order in parent.suspended.items()},
            "rejected": {revision: _from_order(order) for revision, order in parent.rejected.items()},
            "reruns": {uid: _from_order(order) for uid, order in parent.reruns.items()},
            "pin": {"revision": parent.pin.revision, **_from_order(parent.pin.order)} if parent.pin else None,
            "handed": dict(parent.handed),
            "receiving": dict(parent.receiving),
            "turn": _from_turn(parent.turn) if parent.turn else None,
        }
    )


def decode_parent(data: bytes) -> Parent:
    """Read a parent back.

    Raises:
        CorruptError: not a parent, or a newer Yardarm wrote it.
    """
    try:
        raw = orjson.loads(data)
        _require_format(raw)
        return Parent(
            unit=raw["unit"],
            cluster_uid=raw["clusterUid"],
            epoch=raw["epoch"],
            layout=raw["layout"],
            shards=raw["shards"],
            revision=raw["revision"],
            renderer=raw["renderer"],
            mode=raw["mode"],
            waiting_runs=tuple(raw["waitingRuns"]),
            # The first inventories do not say.
            restored=raw.get("restored", ""),
            lost=raw.get("lost", ""),
            confirmations=tuple(
                Confirmation(
                    digest=each["digest"],
                    author=each["author"],
                    expires=datetime.fromisoformat(each["expires"]),
                    ids=tuple(each["ids"]),
                )
                for each in raw["confirmations"]
            ),
            held=raw["held"],
            history=tuple(raw["history"]),
            suspended={id_: _to_order(order) for id_, order in raw["suspended"].items()},
            rejected={revision: _to_order(order) for revision, order in raw["rejected"].items()},
            reruns={uid: _to_order(order) for uid, order in raw["reruns"].items()},
            pin=Pin(raw["pin"]["revision"], _to_order(raw["pin"])) if raw["pin"] else None,
            handed=raw.get("handed", {}),
            receiving=raw.get("receiving", {}),
            turn=_to_turn(raw["turn"]) if raw.get("turn") else None,
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise CorruptError("it cannot be read") from error


def _from_order(order: Order) -> dict[str, str]:
    return {"author": order.author, "at": order.at.isoformat(), "reason": order.reason}


def _to_order(raw: Mapping[str, str]) -> Order:
    return Order(raw["author"], datetime.fromisoformat(raw["at"]), raw["reason"])


def _from_turn(turn: Turn) -> dict[str, Any]:
    return {"renderer": turn.renderer, "at": turn.at.isoformat(), "ids": sorted(turn.ids)}


def _to_turn(raw: Mapping[str, Any]) -> Turn:
    return Turn(raw["renderer"], datetime.fromisoformat(raw["at"]), frozenset(raw["ids"]))


def _require_format(raw: Mapping[str, Any]) -> None:
    if raw["format"] != FORMAT:
        raise CorruptError(f"it has format {raw['format']!r}, this Yardarm reads {FORMAT}: upgrade Yardarm")


def _from_record(record: Record) -> dict[str, Any]:
    return {
        "id": record.id,
        "revision": record.revision,
        "renderer": record.renderer,
        "inputHash": record.input_hash,
        "origin": [record.origin.path, record.origin.line, record.origin.column],
        "objects": [_from_entry(record.entries[key]) for key in sorted(record.entries)],
        "runs": [
            {
                "id": run.id,
                "key": str(run.key),
                "uid": run.uid,
                "state": run.state,
                "started": run.started,
                "ended": run.ended,
                **({"step": run.step} if run.step else {}),
            }
            for run in record.runs
        ],
        "devices": dict(record.peak.devices),
        "costPerHour": str(record.peak.cost_per_hour),
        "arithmetic": record.peak.arithmetic,
        **({"alternatives": record.peak.alternatives} if record.peak.alternatives else {}),
        "dependsOn": list(record.depends_on),
        "proofs": [[proof.intent, proof.since, proof.soaked] for proof in record.proofs],
        "lastGood": orjson.Fragment(record.last_good or b"null"),
    }


def _from_entry(entry: Entry) -> dict[str, str]:
    return {
        "key": str(entry.key),
        "uid": entry.uid,
        "resourceVersion": entry.resource_version,
        "desired": entry.desired,
        "projection": entry.projection,
        "state": entry.state,
    }


def _to_record(raw: Mapping[str, Any]) -> Record:
    path, line, column = raw["origin"]
    entries = [_to_entry(each) for each in raw["objects"]]
    return Record(
        id=raw["id"],
        revision=raw["revision"],
        renderer=raw["renderer"],
        input_hash=raw["inputHash"],
        origin=Place(path, line, column),
        entries={entry.key: entry for entry in entries},
        runs=tuple(_to_run(each) for each in raw["runs"]),
        last_good=b"" if raw["lastGood"] is None else canonical(raw["lastGood"]),
        peak=Peak(
            raw["devices"],
            Decimal(raw["costPerHour"]),
            raw["arithmetic"],
            alternatives=raw.get("alternatives", 0),
        ),
        depends_on=tuple(raw["dependsOn"]),
        proofs=tuple(Proof(intent, since, soaked) for intent, since, soaked in raw["proofs"]),
    )


def _to_entry(raw: Mapping[str, str]) -> Entry:
    return Entry(
        key=Key.parse(raw["key"]),
        state=EntryState(raw["state"]),
        uid=raw["uid"],
        resource_version=raw["resourceVersion"],
        desired=raw["desired"],
        projection=raw["projection"],
    )


def _to_run(raw: Mapping[str, str]) -> Run:
    return Run(
        id=raw["id"],
        key=Key.parse(raw["key"]),
        state=RunState(raw["state"]),
        uid=raw["uid"],
        started=raw["started"],
        ended=raw["ended"],
        step=raw.get("step", ""),
    )


def records_size(records: Iterable[Record]) -> int:
    """Compressed bytes that these records would take together."""
    return len(
        gzip.compress(b"\n".join(canonical(_from_record(r)) for r in records), compresslevel=6, mtime=0)
    )
