"""Has the package's build make the web client first; everything else stands in pyproject.toml."""

import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

sys.path.insert(0, str(Path(__file__).resolve().parent))
from build_web import build_web


class BuildWithClient(build_py):
    """Builds the client into the package before its files are collected."""

    def run(self) -> None:
        build_web()
        # What was just built was not there when the files were first listed.
        self.data_files = self._get_data_files()
        super().run()


setup(cmdclass={"build_py": BuildWithClient})
