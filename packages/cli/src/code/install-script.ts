import { scriptEnd } from './script-end.ts'

/** The parts of the script that differ if there are several servers. */
interface Parts {
  /** Seconds for each answer of a connection. */
  timeout: number
  /** Function that fetches the package, and its definition, if it is another one than `fetch`. */
  fetch: string
  definition: string
}

const scriptOf = ({ timeout, fetch, definition }: Parts): string => `#!/usr/bin/python3
"""Fetches the Joinery agent's package from the pairing server, checks it, and installs it."""

import hashlib
import http.client
import json
import os
import random
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse


def installed():
    query = ['dpkg-query', '--show', '--showformat=\${db:Status-Status}', 'joinery-agent']
    return subprocess.run(query, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout == b'installed'


def fetch(settings, package):
    url = urllib.parse.urlsplit(settings['url'])
    # trusts only the pairing server's own CA; no proxy, no redirect
    trust = ssl.create_default_context(cadata=settings['certificateAuthority'])
    # as Python 3.13 does by itself
    trust.verify_flags |= ssl.VERIFY_X509_STRICT
    connection = http.client.HTTPSConnection(url.hostname, url.port, timeout=${timeout}, context=trust)
    while True:
        connection.request('GET', url.path)
        answer = connection.getresponse()
        pause = answer.getheader('Retry-After', '')
        if answer.status != 429 or not pause.isdigit():
            break
        # only a few machines fetch at once; those that were refused must not all come back at once
        connection.close()
        time.sleep(min(int(pause), 60) * random.uniform(1, 2))
    if answer.status != 200:
        raise ValueError(f'{url.netloc} answered {answer.status} {answer.reason}')
    digest, left = hashlib.sha256(), settings['size']
    while chunk := answer.read(65536):
        left -= len(chunk)
        if left < 0:
            raise ValueError(f"the package is larger than {settings['size']} bytes")
        digest.update(chunk)
        package.write(chunk)
    if digest.hexdigest() != settings['sha256']:
        raise ValueError(f"the package has SHA-256 {digest.hexdigest()}, expected {settings['sha256']}")
    package.flush()


${definition}def install(settings_file):
    if installed():
        return
    with open(settings_file) as text:
        settings = json.load(text)
    with tempfile.NamedTemporaryFile(suffix='.deb') as package:
        ${fetch}(settings, package)
        # the configuration on this machine is the one that counts
        subprocess.run(['dpkg', '--force-confold', '--install', package.name], stdin=subprocess.DEVNULL, check=True)


${scriptEnd('joinery-install')}`

/**
 * Runs on a new machine with nothing but Python's standard library, on Python 3.9 or later. It waits as long as the
 * server says that it has no place for one more. Otherwise one try: exit 0 when the package is installed, 1 with the
 * reason otherwise; joinery-install.service tries again.
 * Argument: a JSON file with `url`, `sha256`, `size` and `certificateAuthority` (PEM).
 */
export const installScript = scriptOf({ timeout: 30, fetch: 'fetch', definition: '' })

/** The same for several servers: the URLs of the others are in `more`. One try asks each of them. */
export const installScriptOfSeveral = scriptOf({
  timeout: 10,
  fetch: 'fetch_from_any',
  definition: `def fetch_from_any(settings, package):
    """Asks one server after the other; each must have the same authority and the same package."""
    problems = []
    for url in [settings['url'], *settings['more']]:
        package.seek(0)
        package.truncate()
        try:
            return fetch({**settings, 'url': url}, package)
        except (OSError, ValueError, http.client.HTTPException) as error:
            problems.append(f'{urllib.parse.urlsplit(url).netloc}: {error}')
    raise ValueError('; '.join(problems))


`
})
