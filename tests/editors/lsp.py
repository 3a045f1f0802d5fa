"""A small client of the Language Server Protocol over a program's stdin and stdout.

One request at a time, which is all that a test needs. What the server asks of an editor is answered: its settings from
what was given, anything else with nothing.
"""

from __future__ import annotations

import itertools
import json
import queue
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

PATIENCE = 60.0
"""Seconds that an answer may take on a busy machine; far more than one ever takes."""

CAPABILITIES = {
    "workspace": {"configuration": True},
    "textDocument": {
        "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["plaintext"]}},
        "hover": {"contentFormat": ["markdown"]},
    },
}
PUBLISH = "textDocument/publishDiagnostics"

Message = Mapping[str, Any]


class RefusedError(Exception):
    """The server answered a request with an error, or ended."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is underlined: where it begins, as people count, what is underlined, and why."""

    line: int
    column: int
    underlined: str
    says: str


class Editor:
    """An editor that has a folder open, and opens texts as files of it."""

    def __init__(self, command: Sequence[str], folder: Path, settings: Message) -> None:
        self._server = subprocess.Popen(list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._inbox: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._receive)
        self._reader.start()
        self._settings = settings
        self._numbers = itertools.count(1)
        self._folder = folder
        root = folder.as_uri()
        folders = [{"uri": root, "name": folder.name}]
        hello = {
            "processId": None,
            "rootUri": root,
            "workspaceFolders": folders,
            "capabilities": CAPABILITIES,
        }
        self._ask("initialize", hello)
        self._tell("initialized", {})
        asked = self._await(lambda message: message.get("method") == "workspace/configuration")
        self._send({"id": asked["id"], "result": self._answer(asked)})

    def __enter__(self) -> Self:
        """Give the editor itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Ask the server to end, and wait for it."""
        self._ask("shutdown", None)
        self._tell("exit", None)
        self._reader.join(PATIENCE)
        with self._server:
            self._server.wait(PATIENCE)

    def problems(self, files: Mapping[str, str]) -> Mapping[str, list[Problem]]:
        """Open files with these texts; give what is underlined in each."""
        with self._opened(files) as found:
            return {path: [_problem(files[path], each) for each in found[path]] for path in files}

    def completions(self, path: str, text: str) -> Mapping[str, str]:
        """Give what is offered where the text has ``¦``, each with what it is for."""
        with self._opened({path: text.replace("¦", "")}):
            answer = self._ask("textDocument/completion", self._place(path, text, text.index("¦")))
        return {item["label"]: item.get("documentation") or "" for item in answer["items"]}

    def hover(self, path: str, text: str, word: str) -> str:
        """Give what is shown for the first place of a word in a text, empty for nothing."""
        with self._opened({path: text}):
            answer = self._ask("textDocument/hover", self._place(path, text, text.index(word)))
        return str(answer["contents"]["value"]) if answer else ""

    @contextmanager
    def _opened(self, files: Mapping[str, str]) -> Iterator[Mapping[str, Sequence[Message]]]:
        """Have files open; give what is wrong with them. When one is closed, the server says that nothing is."""
        for path, text in files.items():
            document = {"uri": self._uri(path), "languageId": "yaml", "text": text}
            # The server keeps what it knows of a version, even once the file is closed.
            self._tell("textDocument/didOpen", {"textDocument": {**document, "version": next(self._numbers)}})
        yield self._published(files)
        for path in files:
            self._tell("textDocument/didClose", {"textDocument": {"uri": self._uri(path)}})
        self._published(files)

    def _published(self, paths: Mapping[str, str]) -> Mapping[str, Sequence[Message]]:
        names = {self._uri(path): path for path in paths}
        found: dict[str, Sequence[Message]] = {}
        while found.keys() != paths.keys():
            told = self._await(lambda message: message.get("method") == PUBLISH)["params"]
            found[names[told["uri"]]] = told["diagnostics"]
        return found

    def _uri(self, path: str) -> str:
        return (self._folder / path).as_uri()

    def _place(self, path: str, text: str, offset: int) -> Message:
        line = text.count("\n", 0, offset)
        position = {"line": line, "character": offset - (text.rfind("\n", 0, offset) + 1)}
        return {"textDocument": {"uri": self._uri(path)}, "position": position}

    def _ask(self, method: str, params: object) -> Any:
        number = next(self._numbers)
        self._send({"id": number, "method": method, "params": params})
        answer = self._await(lambda message: message.get("id") == number and "method" not in message)
        if "error" in answer:
            raise RefusedError(f"{method}: {answer['error']}")
        return answer["result"]

    def _tell(self, method: str, params: object) -> None:
        self._send({"method": method, "params": params})

    def _await(self, wanted: Callable[[Message], bool]) -> Message:
        """The next message that is wanted; questions that come before it are answered, other news passed over."""
        while True:
            message = self._inbox.get(timeout=PATIENCE)
            if message is None:
                raise RefusedError("the server ended")
            if wanted(message):
                return message
            if "id" in message and "method" in message:
                self._send({"id": message["id"], "result": self._answer(message)})

    def _answer(self, question: Message) -> object:
        if question["method"] != "workspace/configuration":
            return None
        return [self._settings.get(item["section"], {}) for item in question["params"]["items"]]

    def _send(self, message: Message) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        stdin = _pipe(self._server.stdin)
        stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        stdin.flush()

    def _receive(self) -> None:
        stdout = _pipe(self._server.stdout)
        length = 0
        while header := stdout.readline():
            if header.lower().startswith(b"content-length:"):
                length = int(header.split(b":")[1])
            elif header == b"\r\n":
                self._inbox.put(json.loads(stdout.read(length)))
        self._inbox.put(None)


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream


def _problem(text: str, told: Message) -> Problem:
    start, end = told["range"]["start"], told["range"]["end"]
    lines = text.split("\n")
    last = end["character"] if end["line"] == start["line"] else None
    underlined = lines[start["line"]][start["character"] : last]
    return Problem(start["line"] + 1, start["character"] + 1, underlined, told["message"])
