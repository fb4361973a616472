import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { kubernetesFront } from '@joinery/testing/front/kubernetes-front'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { enrolled } from '@joinery/testing/pairing/steps'
import t, { type Test } from 'tap'
import packageJson from '../../package.json' with { type: 'json' }
import { made } from '../cluster/bed/cache.ts'
import { must } from '../cluster/bed/run.ts'
import { settingsOf } from '../cluster/bed/settings.ts'

/** The npm package in dist/, installed as a person does it, on each Node that it promises. */
t.setTimeout(0)

const root = fileURLToPath(new URL('../..', import.meta.url))
const { cache } = settingsOf(process.env, new Date())

const systemNode = async (): Promise<string> => {
  const found = (await must(['which', '-a', 'node']))
    .trim()
    .split('\n')
    .map((path) => realpathSync(path))
  const node = found.find((path) => !path.startsWith(root))
  if (node === undefined) throw new Error('there is no system Node here')
  return node
}

/** A Node of the npm package that the packages have theirs from. */
const npmNode = async (version: string): Promise<string> => {
  const name = `node-linux-${process.arch}`
  const folder = await made(cache, `npm-node-${version}`, [new URL(import.meta.url)], async (folder) => {
    const archive = (await must(['npm', 'pack', '--silent', '--pack-destination', folder, `${name}@${version}`])).trim()
    await must(['tar', '--extract', '--gzip', `--file=${join(folder, archive)}`, `--directory=${folder}`])
    rmSync(join(folder, archive))
  })
  return join(folder, 'package/bin/node')
}

/** The oldest Node that `engines` of the package takes, and the newest. */
const nodes = ['24.6.0', '26.10.0']

/** Installs the package for this Node, below a folder of its own; gives what runs a command there. */
const install = async (t: Test, node: string) => {
  const prefix = mkdtempSync(join(tmpdir(), 'joinery-npm-'))
  t.teardown(() => rmSync(prefix, { recursive: true }))
  mkdirSync(join(prefix, 'bin'))
  symlinkSync(node, join(prefix, 'bin/node'))
  const env = { HOME: prefix, PATH: `${prefix}/bin:/usr/bin:/bin` }
  const npm = join(dirname(await systemNode()), '../lib/node_modules/npm/bin/npm-cli.js')
  const file = join(root, `dist/joinery-${packageJson.version}.tgz`)
  await promisify(execFile)(node, [npm, 'install', '--global', '--offline', '--prefix', prefix, file], { env })
  return async (program: string, ...words: string[]) => {
    const child = spawn(join(prefix, 'bin', program), words, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const [out, err, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    return { exitCode, out, err }
  }
}

for (const version of nodes) {
  t.test(`npm installs joinery on Node ${version}, and it decides about a machine`, async (t) => {
    const node = await npmNode(version)
    t.equal(await must([node, '--version']), `v${version}\n`)
    const joinery = await install(t, node)
    t.same(await joinery('joinery', '--version'), { exitCode: 0, out: `${packageJson.version}\n`, err: '' })

    const away = await joinery('joinery', 'list')
    t.equal(away.exitCode, 1)
    const [, page = ''] = /\((\/\S+\.md)\)/.exec(away.err) ?? []
    t.ok(existsSync(page), `it names a page that is there: ${away.err}`)

    const policy = join(
      t.testdir({
        'policy.yaml':
          'mode: warn\nrules:\n- name: lab\n  verdict: approve\n  quota: 3\n  when: machine.serial == "SN-1"\n'
      }),
      'policy.yaml'
    )
    t.match(
      await joinery('joinery', 'policy', 'test', '--file', policy),
      { exitCode: 0, out: /^lab +approve/m },
      'a thread of its own'
    )

    const pairing = await openPairing(t)
    await enrolled(pairing)
    const { socket } = pairing.config.operators
    t.match(await joinery('joinery', '--socket', socket, 'approve', 'worker-1', '--yes'), { exitCode: 0 })
    const front = await kubernetesFront(t, pairing.cluster)
    const listed = await joinery('kubectl-joinery', '--kubeconfig', await front.kubeconfig(), 'list')
    t.match(listed, { exitCode: 0, out: /^worker-1 +approved /m }, listed.err)
  })
}
