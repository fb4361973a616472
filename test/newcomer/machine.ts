import { chownSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Test } from 'tap'
import { must, mustLogged } from '../cluster/bed/run.ts'
import { makeHome } from './home.ts'
import { makeRootfs, newcomer, type Suite } from './rootfs.ts'

const root = join(import.meta.dirname, '../..')

/** A machine with Debian, Git and the Node of this host, and a newcomer who is not root. */
export interface NewMachine {
  /** Types a line in a shell. Rejects if it fails. Its output goes to that log. */
  type(line: string, log: string): Promise<void>
}

/** Makes such a machine. It is gone after the test. */
export const openMachine = async (t: Test, suite: Suite, cache: string, log: string): Promise<NewMachine> => {
  const [rootfs, home] = [await makeRootfs(cache, suite, log), await makeHome(cache, log)]
  const folder = mkdtempSync(join(tmpdir(), 'joinery-newcomer-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const [tree, changes] = [join(folder, 'root'), join(folder, 'changes')]
  for (const name of [tree, changes, `${changes}.work`]) mkdirSync(name)
  chownSync(changes, newcomer, newcomer)
  await must(['tar', '--extract', `--file=${join(rootfs, 'rootfs.tar')}`, `--directory=${tree}`, '--exclude=./dev/*'])
  await installNode(join(tree, 'usr/local'))
  // the commit, not the working tree: what a newcomer gets
  const origin = join(tree, 'srv/joinery.git')
  await must(['git', 'clone', '--quiet', '--bare', root, origin])
  // Git clones nothing of another user
  await must(['chown', '--recursive', `${newcomer}:${newcomer}`, origin])
  const namespaces = ['--mount', '--pid', '--uts', '--ipc', '--net', '--fork', '--kill-child']
  const enter = ['sh', join(import.meta.dirname, 'enter.sh'), tree, home, changes, 'bash', '-c']
  return { type: (line, said) => mustLogged(['unshare', ...namespaces, ...enter, line], said) }
}

/** Copies the system's Node and npm: those on the path that are not the checkout's own. */
const installNode = async (to: string): Promise<void> => {
  const found = (await must(['which', '-a', 'node'])).trim().split('\n')
  const node = found.map((path) => realpathSync(path)).find((path) => !path.startsWith(root))
  if (node === undefined) throw new Error('there is no system Node here')
  cpSync(node, join(to, 'bin/node'))
  cpSync(join(dirname(node), '../lib/node_modules/npm'), join(to, 'lib/node_modules/npm'), { recursive: true })
  for (const name of ['npm', 'npx']) symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(to, 'bin', name))
}
