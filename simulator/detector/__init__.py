"""An object detector that learns from few images of flat things: see `Detector`."""

from simulator.detector.boxes import Box, Detection, Labelled
from simulator.detector.model import Detector
from simulator.detector.training import ImageSource

__all__ = ["Box", "Detection", "Detector", "ImageSource", "Labelled"]
