import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import packageJson from '../../package.json' with { type: 'json' }
import { made } from '../cluster/bed/cache.ts'
import { must, run } from '../cluster/bed/run.ts'
import { settingsOf } from '../cluster/bed/settings.ts'
import { readmeCommands } from '../readme-commands.ts'

/** The archives in dist/, for machines without dpkg: as the page has people unpack them, and as krew itself does. */
t.setTimeout(0)

const root = fileURLToPath(new URL('../..', import.meta.url))
const { version } = packageJson
const here = process.arch === 'arm64' ? 'arm64' : 'amd64'
const file = `joinery_${version}_${here}.tar.gz`

/** A folder with the archive, in which one byte is another if it is changed. */
const downloaded = (t: Test, isChanged: boolean): string => {
  const folder = mkdtempSync(join(tmpdir(), 'joinery-archive-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const bytes = readFileSync(join(root, 'dist', file))
  writeFileSync(join(folder, 'SHA256SUMS'), `${createHash('sha256').update(bytes).digest('hex')}  ${file}\n`)
  if (isChanged) bytes.writeUInt8(bytes.readUInt8(9_000_000) ^ 1, 9_000_000)
  writeFileSync(join(folder, file), bytes)
  return folder
}

t.test('the page on installing has the command run from wherever its archive is unpacked', async (t) => {
  const page = readFileSync(join(root, 'docs/how-to/install.md'), 'utf8')
  const [command = '', ...more] = readmeCommands(page, 'archive')
  t.same(more, [])
  const unpack = async (folder: string) => {
    const prefix = join(folder, 'a prefix')
    mkdirSync(prefix)
    const line = command.replace('/usr/local', `'${prefix}'`).replace('amd64', here)
    const { code } = await run(['sh', '-c', line], { cwd: folder })
    return { code, prefix }
  }

  const { code, prefix } = await unpack(downloaded(t, false))
  t.equal(code, 0)
  symlinkSync(join(prefix, 'bin/joinery'), join(prefix, 'a link'))
  for (const name of ['bin/joinery', 'bin/kubectl-joinery', 'a link']) {
    t.equal(await must([join(prefix, name), '--version']), `${version}\n`, name)
  }
  for (const name of ['man/man1/joinery.1.gz', 'man/man1/kubectl-joinery.1.gz', 'doc/joinery/how-to/kubernetes.md']) {
    t.ok(existsSync(join(prefix, 'share', name)), name)
  }

  const changed = await unpack(downloaded(t, true))
  t.not(changed.code, 0)
  t.notOk(existsSync(join(changed.prefix, 'bin')), 'nothing of an archive that was changed is unpacked')
})

t.test('krew installs the command as kubectl joinery, and refuses an archive that was changed', async (t) => {
  const { cache } = settingsOf(process.env, new Date())
  const module = 'sigs.k8s.io/krew/cmd/krew@v0.4.3'
  const built = await made(cache, 'krew', [module], async (folder) => {
    const env = { CGO_ENABLED: '0', GOFLAGS: '', GOTOOLCHAIN: 'local', GOBIN: folder }
    await must(['go', 'install', module], { env })
  })
  for (const isChanged of [false, true]) {
    const folder = downloaded(t, isChanged)
    copyFileSync(join(root, 'dist/joinery.yaml'), join(folder, 'joinery.yaml'))
    const words = ['install', '--manifest=joinery.yaml', `--archive=${file}`]
    const { code, stderr } = await run([join(built, 'krew'), ...words], { cwd: folder, env: { KREW_ROOT: folder } })
    const plugin = join(folder, 'bin/kubectl-joinery')
    if (isChanged) {
      t.match({ code, stderr }, { code: 1, stderr: /checksum does not match/ })
      t.notOk(existsSync(plugin))
    } else {
      t.equal(code, 0, stderr)
      t.equal(await must([plugin, '--version']), `${version}\n`)
    }
  }
})
