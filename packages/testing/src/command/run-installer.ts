import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Test } from 'tap'

/** Runs an installer where dpkg-query says `status` and dpkg only keeps what it is given, with `dpkgExit` as its answer. */
export const runInstaller = async (
  t: Test,
  script: string,
  settings: object,
  status = 'not-installed',
  dpkgExit = 0
) => {
  const folder = t.testdir()
  const path = (name: string) => join(folder, name)
  const command = (name: string, body: string) =>
    writeFileSync(path(`bin/${name}`), `#!/bin/sh\n${body}\n`, { mode: 0o755 })
  mkdirSync(path('bin'))
  command('dpkg-query', `printf ${status}`)
  command('dpkg', `echo "$1 $2" > ${path('argv')}\ncp "$3" ${path('given.deb')}\nexit ${dpkgExit}`)
  writeFileSync(path('joinery-install'), script)
  writeFileSync(path('install.json'), JSON.stringify(settings))
  const installer = spawn('python3', [path('joinery-install'), path('install.json')], {
    env: { ...process.env, PATH: `${path('bin')}:${process.env.PATH}` },
    stdio: ['ignore', 'inherit', 'pipe']
  })
  const [err, [exitCode]] = await Promise.all([text(installer.stderr), once(installer, 'close')])
  const given = existsSync(path('given.deb')) ? readFileSync(path('given.deb')) : undefined
  return { exitCode, err, given, argv: given && readFileSync(path('argv'), 'utf8') }
}
