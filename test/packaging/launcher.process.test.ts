import { execFileSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { launcher } from '../../packaging/debian/launcher.ts'

/** Empty here: the dynamic linker would use them on the shell itself, before that can drop them. */
const dropped = `LD_AUDIT LD_PRELOAD LD_LIBRARY_PATH OPENSSL_MODULES OPENSSL_ENGINES SSL_CERT_FILE SSL_CERT_DIR
  NODE_COMPILE_CACHE NODE_USE_ENV_PROXY GCONV_PATH QLOGDIR`.split(/\s+/)

t.test('a command runs its program, and the environment puts nothing into it', async (t) => {
  const lib = t.testdir({ node: '#!/bin/sh\nprintf "%s\\n" "$@"\nexec env\n' })
  writeFileSync(`${lib}/command`, launcher(lib, 'program', ['--max-semi-space-size=1']))
  for (const file of ['node', 'command']) chmodSync(`${lib}/${file}`, 0o755)
  const env = {
    PATH: process.env.PATH,
    LANG: 'C',
    NODE_OPTIONS: '--inspect',
    NODE_EXTRA_CA_CERTS: '/tmp/ca',
    NODE_TLS_REJECT_UNAUTHORIZED: '0',
    OPENSSL_CONF: '/tmp/openssl',
    SSLKEYLOGFILE: '/tmp/keys',
    ...Object.fromEntries(dropped.map((name) => [name, '']))
  }
  const lines = execFileSync(`${lib}/command`, ['show', 'a b'], { env, encoding: 'utf8' }).split('\n')
  t.strictSame(lines.slice(0, 5), ['--disable-sigusr1', '--max-semi-space-size=1', `${lib}/program.mjs`, 'show', 'a b'])
  t.ok(lines.includes('LANG=C'))
  t.strictSame(
    lines.filter((line) => /NODE|SSL|^(LD|GCONV|QLOG)/.test(line)),
    []
  )
})
