"""What every process of the program does before it asks anything: done once, and inherited by all that are forked.

Importing it imports the adapters, which commands import when they need them, and builds the models of all documents.
"""

import git
import kubernetes.config

from tests.rendering import own_repository, render
from yardarm_reconciler.cli import main, sync
from yardarm_reconciler.directory import cluster as directory_cluster
from yardarm_reconciler.directory import store as directory_store
from yardarm_reconciler.kube import cluster, login, store, transport
from yardarm_schema import settings

NEEDED = (cluster, directory_cluster, directory_store, git, kubernetes.config, login, store, sync, transport)

render(own_repository(), "production")
settings.Settings.model_rebuild()

program = main
