import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { manifests } from '@joinery/kube/manifests'
import t from 'tap'
import { readmeCommands } from '../readme-commands.ts'
import { root } from './pages.ts'

const commands = (path: string, name: string): string[] => readmeCommands(readFileSync(join(root, path), 'utf8'), name)
const howTo = 'docs/how-to/install.md'

t.test('the how-to installs as the README does', async (t) => {
  for (const block of ['repository', 'install']) t.same(commands(howTo, block), commands('README.md', block), block)
})

t.test('the how-to deletes everything that setup makes in the cluster', async (t) => {
  const deleted = commands(howTo, 'remove from the cluster').map((command) => command.split(/[\s,]+/))
  for (const { kind, metadata } of manifests({
    credential: 'token',
    kubeProxy: true,
    serving: true,
    diagnosis: true,
    log: true
  })) {
    const { name, namespace } = metadata
    // goes with its namespace
    if (namespace === 'joinery-system') continue
    const wanted = [kind.toLowerCase(), name, ...(namespace === undefined ? [] : ['--namespace', namespace])]
    t.ok(
      deleted.some(
        (words) =>
          wanted.every((word) => words.includes(word)) &&
          words.includes('--namespace') === wanted.includes('--namespace')
      ),
      wanted.join(' ')
    )
  }
})
