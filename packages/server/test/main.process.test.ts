import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { initServer } from '@joinery/testing/pairing/init-server'
import t, { type Test } from 'tap'
import { loadConfig } from '../src/core/config/config.ts'
import { initialized, joineryServer } from './support/server-process.ts'

// each start loads the whole server, on a machine that has more to do
t.setTimeout(120_000)

const newFolder = async (t: Test): Promise<string> => {
  // a socket's path is short
  const folder = await mkdtemp(join(tmpdir(), 'joinery-'))
  t.teardown(() => rm(folder, { recursive: true }))
  return folder
}

t.test('a broken configuration exits 2 with every problem and its line', async (t) => {
  const file = join(await newFolder(t), 'server.yaml')
  await writeFile(
    file,
    `agents:
  listen: 7443
  address: http://join.example.org
  adress: https://join.example.org
operators:
  socket: true
port: 7443
apiEndpoint: api.example.org
`
  )
  const { out, err, exitCode } = await joineryServer('run', '--config', file)
  t.same(err.trimEnd().split('\n'), [
    `error: ${file}:2: agents.listen: must be a text`,
    `error: ${file}:3: agents.address: must be https://HOST:PORT, where HOST is a host name or an IP address`,
    `error: ${file}:4: agents.adress: unknown key`,
    `error: ${file}:6: operators.socket: must be a text`,
    `error: ${file}:7: port: unknown key`,
    `error: ${file}:8: apiEndpoint: must be HOST:PORT`,
    `remedy: correct ${file}`
  ])
  t.equal(out, '')
  t.equal(exitCode, 2)
})

t.test('the error about a missing configuration says how to make it', async (t) => {
  await t.rejects(loadConfig('/nowhere/server.yaml'), {
    message: 'there is no /nowhere/server.yaml',
    remedy: 'make it: joinery-server init',
    exitCode: 2
  })
})

t.test('a store that is damaged exits 1 with cause and remedy', async (t) => {
  const folder = await newFolder(t)
  const [state, configFile] = [join(folder, 'state'), join(folder, 'server.yaml')]
  await initServer({
    stateDirectory: state,
    configFile,
    print: () => {}
  })
  const file = join(state, 'joinery.db')
  await writeFile(file, 'not a database'.repeat(1000))
  const { out, err, exitCode } = await joineryServer('run', '--config', configFile)
  const [cause, remedy, ...more] = err.trimEnd().split('\n')
  t.equal(cause, `error: ${file} is damaged, or no database (store-damaged)`)
  t.match(
    remedy,
    /^remedy: systemctl stop joinery-server; move joinery.db, joinery.db-wal and joinery.db-shm away together; /
  )
  t.same(more, [])
  t.equal(out, '')
  t.equal(exitCode, 1)
})

t.test('a backup without a terminal says how to give the passphrase', async (t) => {
  const { configFile, folder } = await initialized(t)
  const file = join(folder, 'joinery.backup')
  const { err, exitCode } = await joineryServer('backup', file, '--config', configFile)
  t.equal(err, 'error: there is no terminal to ask for the passphrase\nremedy: give it with --passphrase-file FILE\n')
  t.equal(exitCode, 2)
})
