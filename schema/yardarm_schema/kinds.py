"""The kinds that a document may have. A new kind is one module and one line here."""

from __future__ import annotations

from collections.abc import Mapping

from yardarm_schema.accelerators import AcceleratorClass, AcceleratorClassDocument
from yardarm_schema.base import Model
from yardarm_schema.batch_job import BatchJob, BatchJobDocument
from yardarm_schema.cache_class import CacheClass, CacheClassDocument
from yardarm_schema.environment import Environment, EnvironmentDocument
from yardarm_schema.metadata import API_VERSION
from yardarm_schema.model_service import ModelService, ModelServiceDocument
from yardarm_schema.pipeline import Pipeline, PipelineDocument
from yardarm_schema.raw_resources import RawResources, RawResourcesDocument
from yardarm_schema.repository import Repository, RepositoryDocument
from yardarm_schema.runtime import Runtime, RuntimeDocument
from yardarm_schema.scheduled_job import ScheduledJob, ScheduledJobDocument
from yardarm_schema.service import Service, ServiceDocument
from yardarm_schema.stream_processor import StreamProcessor, StreamProcessorDocument
from yardarm_schema.team import Team, TeamDocument
from yardarm_schema.training_job import TrainingJob, TrainingJobDocument
from yardarm_schema.volume import Volume, VolumeDocument
from yardarm_schema.workload import Workload

GROUP, VERSION = API_VERSION.split("/")

WORKLOADS: Mapping[str, type[Workload]] = {
    "ModelService": ModelService,
    "Service": Service,
    "StreamProcessor": StreamProcessor,
    "BatchJob": BatchJob,
    "ScheduledJob": ScheduledJob,
    "TrainingJob": TrainingJob,
    "Pipeline": Pipeline,
    "Volume": Volume,
    "RawResources": RawResources,
}
"""What ``spec`` is, by workload kind."""

PLATFORM: Mapping[str, type[Model]] = {
    "Environment": Environment,
    "Team": Team,
    "AcceleratorClass": AcceleratorClass,
    "Runtime": Runtime,
    "CacheClass": CacheClass,
}
"""What ``spec`` is, by platform kind."""

DOCUMENTS: Mapping[str, type[Model]] = {
    "ModelService": ModelServiceDocument,
    "Service": ServiceDocument,
    "StreamProcessor": StreamProcessorDocument,
    "BatchJob": BatchJobDocument,
    "Volume": VolumeDocument,
    "RawResources": RawResourcesDocument,
    "ScheduledJob": ScheduledJobDocument,
    "TrainingJob": TrainingJobDocument,
    "Pipeline": PipelineDocument,
    "Environment": EnvironmentDocument,
    "Team": TeamDocument,
    "AcceleratorClass": AcceleratorClassDocument,
    "Runtime": RuntimeDocument,
    "CacheClass": CacheClassDocument,
    "Repository": RepositoryDocument,
}
"""Whole documents, by kind."""

__all__ = ["API_VERSION", "DOCUMENTS", "GROUP", "PLATFORM", "VERSION", "WORKLOADS", "Repository"]
