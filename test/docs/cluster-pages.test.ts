import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runWith } from '@joinery/testing/command/operators'
import t from 'tap'
import { clusterPages } from '../../docs/cluster/pages.ts'
import { readmeCommands } from '../readme-commands.ts'

const docs = join(import.meta.dirname, '../../docs')

for (const [name, text] of Object.entries(clusterPages())) {
  t.test(`docs/reference/${name} is as the code makes it`, async (t) => {
    const written = readFileSync(join(docs, 'reference', name), 'utf8')
    t.equal(written, text, 'else run: node_modules/.bin/node docs/cluster/main.ts')
  })
}

const howTo = readFileSync(join(docs, 'how-to/harden.md'), 'utf8')

/** Those with a cluster are run by test/cluster/operators.long.ts. */
for (const command of readmeCommands(howTo, 'manifests')) {
  t.test(`the how-to's ${command} works`, async (t) => {
    const [words = ''] = command.split(' > ')
    const { exitCode, out, err } = await runWith(words.split(' ').slice(1))
    t.match({ exitCode, err }, { exitCode: 0, err: '' })
    t.match(out, 'kind: ValidatingAdmissionPolicy\n')
  })
}

t.test('another test runs the commands of the how-to that need a cluster', async (t) => {
  t.not(readmeCommands(howTo, 'harden').length, 0)
  const suite = readFileSync(join(docs, '../test/cluster/operators/doctor.ts'), 'utf8')
  t.match(suite, "'docs/how-to/harden.md', 'harden'")
})
