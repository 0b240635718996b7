"""Keeps trained models as bytes, and the ones in use in memory."""

import hashlib
import threading
from collections import OrderedDict

from simulator.rekognition.learner import Learner, Model

_LOADED = 8


class ModelShelf:
    """Models by the hash of their bytes; copies of a version share one."""

    def __init__(self, learner: Learner) -> None:
        self._learner = learner
        self._bytes: dict[str, bytes] = {}
        self._loaded: OrderedDict[str, Model] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, data: bytes) -> str:
        """Keep a model; return its id."""
        model_id = hashlib.sha256(data).hexdigest()
        with self._lock:
            self._bytes[model_id] = data
        return model_id

    def load(self, model_id: str) -> Model:
        """Return a model, ready to use."""
        with self._lock:
            model = self._loaded.get(model_id)
            if model is None:
                model = self._learner.load(self._bytes[model_id])
                self._loaded[model_id] = model
            self._loaded.move_to_end(model_id)
            while len(self._loaded) > _LOADED:
                self._loaded.popitem(last=False)
        return model

    def retain(self, used: set[str]) -> None:
        """Forget every model that no version uses any more."""
        with self._lock:
            for model_id in self._bytes.keys() - used:
                del self._bytes[model_id]
                self._loaded.pop(model_id, None)

    def export(self) -> dict[str, bytes]:
        """Return all models by id."""
        with self._lock:
            return dict(self._bytes)
