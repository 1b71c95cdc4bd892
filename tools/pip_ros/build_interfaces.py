# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Builds the message packages that PyPI lacks into the virtual environment that runs this file.

The environment must hold the wheels of `requirements.txt` beside this file. The `.msg` texts are
the package's own data. A package that was built from the same texts is left alone.
"""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
import os
from pathlib import Path
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile

import numpy as np

HERE = Path(__file__).resolve().parent
MESSAGES = HERE.parents[1] / 'mm_fusion_ros' / 'messages' / 'interfaces'
PREFIX = Path(sys.prefix)
VERSIONS = {'tf2_msgs': '0.36.0', 'vision_msgs': '4.1.1', 'autoware_perception_msgs': '1.12.0'}


def main() -> None:
    """
    Build every package of VERSIONS that is not there yet.
    """
    missing = [name for name in VERSIONS if not is_built(name)]
    if not missing:
        return
    adopt_this_interpreter()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as pool:
        sources = [write_package(name, Path(folder)) for name in missing]
        for name, error in zip(missing, pool.map(build, sources), strict=True):
            if error:
                sys.exit(f'{name}: expected a successful build, got\n{error}')
            print(f'built {name}', flush=True)


def is_built(name: str) -> bool:
    """
    Return whether `name` can be imported and was built from the texts of today.
    """
    texts = (MESSAGES / name / 'msg').glob('*.msg')
    installed = PREFIX / 'share' / name / 'msg'
    return find_spec(name) is not None and all(
        (installed / path.name).exists()
        and (installed / path.name).read_text() == path.read_text()
        for path in texts
    )


def adopt_this_interpreter() -> None:
    """
    Replace the include folders of the wheels' builder in the exported CMake files by ours.
    """
    builder = re.compile(r'/opt/python/cp3[^;"]*?(/numpy/_core/include|/include/python3\.\d+)')

    def ours(match: re.Match[str]) -> str:
        is_numpy = match[1].startswith('/numpy')
        return np.get_include() if is_numpy else sysconfig.get_path('include')

    for path in PREFIX.glob('share/*/cmake/*.cmake'):
        text = path.read_text()
        if '/opt/python/' in text:
            path.write_text(builder.sub(ours, text))


def write_package(name: str, folder: Path) -> Path:
    """
    Assemble the CMake package `name` in `folder` and return its own folder.
    """
    source = folder / name
    shutil.copytree(MESSAGES / name / 'msg', source / 'msg')
    texts = ''.join(path.read_text() for path in source.glob('msg/*.msg'))
    dependencies = sorted(set(re.findall(r'^(\w+)/', texts, re.MULTILINE)) - {name})
    values = {
        'name': name,
        'version': VERSIONS[name],
        'dependencies': ' '.join(dependencies),
        'depends': '\n  '.join(f'<depend>{other}</depend>' for other in dependencies),
    }
    for file_name in ('CMakeLists.txt', 'package.xml'):
        template = (HERE / f'{file_name}.in').read_text()
        text = re.sub(r'@(\w+)@', lambda match: values[match[1]], template)
        (source / file_name).write_text(text)
    return source


def build(source: Path) -> str:
    """
    Configure, compile and install one package; return the output of the step that failed, or ''.
    """
    cmake = str(PREFIX / 'bin' / 'cmake')
    python_folder = Path(sysconfig.get_path('purelib')).relative_to(PREFIX)
    environment = os.environ | {
        'AMENT_PREFIX_PATH': str(PREFIX),
        'CMAKE_PREFIX_PATH': str(PREFIX),
        'PATH': f'{PREFIX / "bin"}{os.pathsep}{os.environ["PATH"]}',
    }
    configure = [
        cmake, '-G', 'Ninja', '-S', str(source), '-B', str(source / 'build'),
        f'-DCMAKE_INSTALL_PREFIX={PREFIX}', '-DCMAKE_BUILD_TYPE=Release', '-DBUILD_TESTING=OFF',
        f'-DPython3_EXECUTABLE={sys.executable}', f'-DPYTHON_INSTALL_DIR={python_folder}',
    ]  # fmt: skip
    compile_and_install = [cmake, '--build', str(source / 'build'), '--target', 'install']
    for command in (configure, compile_and_install):
        step = subprocess.run(command, env=environment, check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if step.returncode:
            return step.stdout
    return ''


if __name__ == '__main__':
    main()
