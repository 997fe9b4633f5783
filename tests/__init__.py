"""The tests. A package, so that files may share helpers: `from tests.quality.score import …`."""
