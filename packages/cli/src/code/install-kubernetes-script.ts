import { scriptEnd } from './script-end.ts'

/**
 * Runs on a new machine with nothing but apt and Python's standard library, on Python 3.9 or later. One try: exit 0 if
 * all is installed, else 1 with the reason; joinery-install-kubernetes.service tries again. The next try repeats the work
 * of a try that was cut off. Argument: a JSON file as kubernetesSettings gives it.
 */
export const installKubernetesScript = `#!/usr/bin/python3
"""Installs containerd, kubelet, kubeadm and kubectl by apt, and holds the version of those that are Kubernetes'."""

import http.client
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request


class OnlyHttps(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, request, file, code, message, headers, url):
        if not url.startswith('https://'):
            raise ValueError(f'{request.full_url} leads to {url}, which is not https')
        return super().redirect_request(request, file, code, message, headers, url)


def fetch_key(url):
    if not url.startswith('https://'):
        raise ValueError(f'{url} is not https')
    with urllib.request.build_opener(OnlyHttps).open(url, timeout=30) as answer:
        text = answer.read(1048577).decode('ascii')
    if len(text) > 1048576 or not text.startswith('-----BEGIN PGP PUBLIC KEY BLOCK-----'):
        raise ValueError(f'{url} is no armoured OpenPGP key')
    return text


def write(path, text):
    """The old file or the new one, whole; what was there before Joinery is kept beside it."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.exists(path):
        with open(path, encoding='utf-8', errors='surrogateescape') as file:
            if file.read() == text:
                return
        if not os.path.exists(path + '.before-joinery'):
            shutil.copy2(path, path + '.before-joinery')
    # apt and its sandbox user read them
    with open(path + '.new', 'w', encoding='utf-8', opener=lambda name, flags: os.open(name, flags, 0o644)) as file:
        os.fchmod(file.fileno(), 0o644)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + '.new', path)


def run(*argv):
    subprocess.run(argv, stdin=subprocess.DEVNULL, check=True, env={**os.environ, 'DEBIAN_FRONTEND': 'noninteractive'})


def apt_get(*argv):
    # cloud-init, or the agent's installation, may be at it; a configuration that is there is kept
    run('apt-get', '--yes', '-o', 'DPkg::Lock::Timeout=600', '-o', 'Dpkg::Options::=--force-confold', *argv)


def install(settings_file):
    with open(settings_file) as text:
        settings = json.load(text)
    key = settings['key']
    write(key['file'], key['text'] if 'text' in key else fetch_key(key['url']))
    for path, text in settings['files'].items():
        write(path, text)
    # a containerd that the image brings stays
    containerd = [] if shutil.which('containerd') else [settings['containerdPackage']]
    # what was cut off in the middle would stop apt-get
    run('dpkg', '--configure', '--pending')
    apt_get('update')
    # by a try that was cut off: half installed, or held already
    options = ['--fix-broken', '--no-install-recommends', '--allow-change-held-packages']
    apt_get('install', *options, *containerd, *settings['packages'])
    run('apt-mark', 'hold', *settings['hold'])
    run('systemctl', 'enable', 'containerd.service')
    # with its new configuration
    run('systemctl', 'restart', 'containerd.service')


${scriptEnd('joinery-install-kubernetes')}`
