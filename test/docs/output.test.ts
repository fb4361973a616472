import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { formats, outputOption, takes } from '@joinery/cli/testing/output'
import { code, detail, enrolment, node, status } from '@joinery/testing/command/fixtures'
import { joinery } from '@joinery/testing/command/operators'
import t from 'tap'
import { allCommands } from '../readme-commands.ts'
import { root } from './pages.ts'

const page = readFileSync(join(root, 'docs/reference/output.md'), 'utf8')

const labels = { rack: 'r7', 'example.com/rack': 'r7' }
const answers = {
  list: () => ({ items: [{ ...enrolment, labels }] }),
  listCodes: () => ({ items: [code] }),
  listNodes: () => ({ items: [node] }),
  show: () => ({ ...detail, labels }),
  status: () => status
}

/** The words of a command line, as a shell splits them. */
const wordsOf = (command: string): string[] => {
  const [, ...words] = command.match(/(?:[^\s']|'[^']*')+/g) ?? []
  return words.map((word) => word.replaceAll("'", ''))
}

t.test('the commands of the page of outputs work, and print something', async (t) => {
  const commands = allCommands(page)
  t.ok(commands.length > 10)
  for (const command of commands) {
    const { exitCode, out, err } = await joinery(t, answers, ...wordsOf(command))
    t.equal(exitCode, 0, `${command}: ${err}`)
    t.match(out, /\w/, command)
  }
})

t.test('the page of outputs has every format that a command can have, in the order of the help', async (t) => {
  const rows = [...page.matchAll(/^\| `([^`]+)` \| [^|]+ \|$/gm)].map(([, format = '']) => format)
  const all = formats.map((format) => (takes[format] === undefined ? format : `${format}=${takes[format]}`))
  t.same(rows.slice(0, all.length + 1), ['-o', ...all])
  t.match(outputOption('json', 'yaml', 'name').description, all.join(', '))
})
