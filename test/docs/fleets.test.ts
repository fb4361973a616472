import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runWith } from '@joinery/testing/command/operators'
import { openPairing } from '@joinery/testing/pairing/pairing'
import t from 'tap'
import { readmeCommands } from '../readme-commands.ts'
import { root } from './pages.ts'

const page = readFileSync(join(root, 'docs/how-to/fleets.md'), 'utf8')

for (const block of ['fleet', 'labels']) {
  t.test(`the page's commands of ${block} work with a real server`, async (t) => {
    // relative, as the page has them
    const folder = t.testdir({ 'agent.deb': 'a package' })
    process.chdir(folder)
    t.teardown(() => process.chdir(root))
    const pairing = await openPairing(t, { agentPackage: join(folder, 'agent.deb') })
    for (const command of readmeCommands(page, block)) {
      const [words = '', printed] = command.split(' > ')
      // what a shell does with quotes
      const argv = words
        .split(' ')
        .slice(1)
        .map((word) => word.replace(/^'(.*)'$/, '$1'))
      const { exitCode, out, err } = await runWith(['--socket', pairing.config.operators.socket, ...argv])
      t.equal(exitCode, 0, `${command}\n${err}`)
      if (printed === undefined) continue
      writeFileSync(printed, out)
      t.ok(statSync(printed).size > 0, printed)
    }
  })
}

t.test("the page's commands about many work with machines that wait, and one question each", async (t) => {
  const pairing = await openPairing(t)
  const { code } = await pairing.operator.createCode({ uses: 2, ttl: 600, labels: { rack: 'r7' } })
  for (const name of ['worker-1', 'worker-2']) await (await pairing.machine()).enrol(code, { name })
  const questions: string[] = []
  const ask = async (question: string) => {
    questions.push(question)
    return 'y'
  }
  for (const command of readmeCommands(page, 'many')) {
    const argv = command.split(' ').slice(1)
    const { exitCode, err } = await runWith(['--socket', pairing.config.operators.socket, ...argv], { ask })
    t.equal(exitCode, 0, `${command}\n${err}`)
  }
  t.same(questions, ['Approve these 2 machines? [y/N] '], 'a code that is used up is no open one')
  for (const name of ['worker-1', 'worker-2']) t.match(await pairing.operator.show(name), { state: 'approved' })
})
