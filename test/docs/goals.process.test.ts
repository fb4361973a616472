import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { cloudInitSchema } from '@joinery/testing/command/cloud-init-schema'
import { newCode } from '@joinery/testing/command/fixtures'
import { runWith, serveOperators } from '@joinery/testing/command/operators'
import { needs } from '@joinery/testing/processes/needs'
import { program } from '@joinery/testing/processes/program'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { readmeCommands } from '../readme-commands.ts'
import { pageFile } from './page-files.ts'
import { root } from './pages.ts'
import { Shell } from './shell.ts'
import { shellWords } from './type-in.ts'

// packages come over the network
t.setTimeout(120_000)

const page = (name: string): string => readFileSync(join(root, `docs/how-to/${name}.md`), 'utf8')
const bareMetal = page('bare-metal')
const answers = { createCode: () => newCode, revokeCode: () => newCode }

/** The present folder is one of the test's own, as for a reader of the page. */
const inFolder = (t: Test, files: Parameters<Test['testdir']>[0] = {}): string => {
  const folder = t.testdir(files)
  process.chdir(folder)
  t.teardown(() => process.chdir(root))
  return folder
}

for (const command of readmeCommands(page('virtual-machines'), 'make')) {
  const skip = command.includes('-o iso') && needs('genisoimage')
  t.test(`virtual machines: ${command} works`, { skip }, async (t) => {
    const { socket } = await serveOperators(t, answers)
    inFolder(t)
    const { words } = shellWords(command)
    const { exitCode, err } = await runWith(['--socket', socket, ...words])
    t.equal(exitCode, 0, err)
    t.ok(statSync(words.at(-1) ?? '').size > 0)
  })
}

t.test('bare metal: the script makes a seed for each machine of the list', async (t) => {
  const { socket, calls } = await serveOperators(t, answers)
  const folder = inFolder(t, { 'machines.txt': pageFile(bareMetal, 'machines.txt') })
  const cli = program('packages/cli/src/main.ts')
  const prelude = `cd '${folder}'; joinery() { '${process.execPath}' '${cli}' --socket '${socket}' "$@"; }`
  const { code, output } = await new Shell(pageFile(bareMetal, 'make-seeds.sh'), prelude).ended
  t.equal(code, 0, output)
  t.same(
    calls.map(({ body }) => (body as { name: string }).name),
    ['worker-7', 'worker-8']
  )
  const seed = (file: string) => readFileSync(join('seed/CZ2D1507XG', file), 'utf8')
  t.match(seed('user-data'), /^#cloud-config\n/)
  t.same(parse(seed('meta-data')), { 'instance-id': 'worker-8', 'local-hostname': 'worker-8' })
})

const uuid = '4c4c4544-0042-3510-8052-b4c04f4a4d32'

/** Runs shell commands of an installer in a folder that stands for the machine, with a web server that has the seed. */
const install = async (t: Test, commands: readonly string[]): Promise<(file: string) => string> => {
  const target = inFolder(t, {
    product_uuid: `${uuid}\n`,
    etc: { cloud: { 'cloud.cfg.d': { '99-installer.cfg': '{}' } } }
  })
  const server = createServer(({ url }, response) => {
    response.statusCode = url === '/seed/user-data' ? 200 : 404
    response.end('#cloud-config\n')
  }).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  for (const command of commands) {
    const here = command
      .replaceAll('/target', target)
      .replaceAll('/sys/class/dmi/id', target)
      .replaceAll('192.0.2.5', `127.0.0.1:${port}`)
    const { code, output } = await new Shell(`sh -euc ${shellQuoted(here)}`).ended
    t.equal(code, 0, `${command}\n${output}`)
  }
  return (file) => readFileSync(join(target, 'var/lib/cloud/seed/nocloud', file), 'utf8')
}

const shellQuoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
const metaData = { 'instance-id': uuid, 'local-hostname': 'machine-4c4c4544' }

t.test("bare metal: Ubuntu's installer leaves the seed, and nothing before it", { skip: needs('curl') }, async (t) => {
  const { autoinstall } = parse(pageFile(bareMetal, 'autoinstall'))
  const seed = await install(t, autoinstall['late-commands'])
  t.equal(seed('user-data'), '#cloud-config\n')
  t.same(parse(seed('meta-data')), metaData)
  t.same(readdirSync('etc/cloud/cloud.cfg.d'), [])
})

const preseed = pageFile(bareMetal, 'preseed.cfg')

t.test("bare metal: Debian's installer leaves the same seed", { skip: needs('wget') }, async (t) => {
  const [, late = ''] = /^d-i preseed\/late_command string (.*)$/m.exec(preseed) ?? []
  const seed = await install(t, [late])
  t.equal(seed('user-data'), '#cloud-config\n')
  t.same(parse(seed('meta-data')), metaData)
  t.same(parse(readFileSync('etc/cloud/cloud.cfg.d/99-network.cfg', 'utf8')), { network: { config: 'disabled' } })
})

/** What debconf says of the form of a preseed. */
const debconf = (t: Test, text: string): { status: number | null; said: string } => {
  const file = join(t.testdir({ 'preseed.cfg': text }), 'preseed.cfg')
  const { status, stdout, stderr } = spawnSync('debconf-set-selections', ['--checkonly', file], { encoding: 'utf8' })
  return { status, said: `${stdout}${stderr}` }
}

const skipDebconf = needs('debconf-set-selections')
t.test('bare metal: debconf finds no mistake in the form of the preseed', { skip: skipDebconf }, async (t) => {
  t.same(debconf(t, preseed), { status: 0, said: '' })
  t.not(debconf(t, 'd-i only-two\n').said, '', 'it finds one')
})

const schema = cloudInitSchema(t)
const skip = needs('cloud-init', () => schema !== undefined) || needs('python3')
t.test('cloud-init finds no mistake in user-data of the pages', { skip }, async (t) => {
  const { socket } = await serveOperators(t, answers)
  const { out } = await runWith(['--socket', socket, 'cloud-init', '--install-kubernetes', '1.37'])
  const found = schema?.([
    pageFile(page('rhel-like'), 'user-data'),
    pageFile(bareMetal, 'autoinstall'),
    `${out}${pageFile(bareMetal, 'own-lines')}`,
    `${out}${pageFile(page('networks'), 'proxy-lines')}`,
    `${out}${pageFile(page('networks'), 'mirror-lines')}`,
    `${out}ssh_authorized_keys: 3\n`
  ])
  t.same(found?.slice(0, -1), ['', '', '', '', ''])
  t.not(found?.at(-1), '', 'it finds a mistake')
  const lines = [pageFile(bareMetal, 'own-lines'), pageFile(page('networks'), 'proxy-lines')].map((text) => parse(text))
  const keys = Object.keys(parse(out))
  for (const key of lines.flatMap(Object.keys)) t.notOk(keys.includes(key), `user-data has no ${key} yet`)
})

const backUp = page('back-up')
const skipSystemd = needs('systemd-analyze')
t.test('back up: systemd finds no mistake in the two units', { skip: skipSystemd }, async (t) => {
  const folder = t.testdir({})
  for (const unit of ['joinery-backup.service', 'joinery-backup.timer']) {
    writeFileSync(join(folder, unit), pageFile(backUp, unit))
  }
  const { stderr } = spawnSync('systemd-analyze', ['verify', 'joinery-backup.timer'], { cwd: folder, encoding: 'utf8' })
  t.notMatch(stderr, /joinery-backup/)
})

t.test('back up: the unit makes a backup of the day, by options that there are', async (t) => {
  const folder = t.testdir({ bin: {} })
  mkdirSync(join(folder, 'backups'))
  writeFileSync(join(folder, 'bin/joinery-server'), '#!/bin/sh\necho "$@" > "$OUT"\n', { mode: 0o755 })
  const [, line = ''] = /^ExecStart=(\/bin\/sh .*)$/m.exec(pageFile(backUp, 'joinery-backup.service')) ?? []
  // what systemd does with a line before it starts it
  const command = line.replaceAll('$$', () => '$').replaceAll('%%', '%')
  const out = join(folder, 'out')
  const { code, output } = await new Shell(command, `export OUT='${out}' PATH='${folder}/bin':"$PATH"`).ended
  t.equal(code, 0, output)
  const said = readFileSync(out, 'utf8')
  t.match(said, /^backup --passphrase-file \S+ \/var\/backups\/joinery\/\d{4}-\d\d-\d\d\.backup$/m)
  const reference = readFileSync(join(root, 'docs/reference/cli-server.md'), 'utf8')
  const [, backup = ''] = /^### joinery-server backup$([\s\S]*?)^### /m.exec(reference) ?? []
  t.match(backup, '| `--passphrase-file <file>` |')
})
