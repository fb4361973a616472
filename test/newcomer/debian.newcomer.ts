import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { needs, taken } from '@joinery/testing/processes/needs'
import t from 'tap'
import { settingsOf } from '../cluster/bed/settings.ts'
import { allCommands } from '../readme-commands.ts'
import { openMachine } from './machine.ts'
import { suites } from './rootfs.ts'

/** Someone has a Debian with Git and Node, and types what the README says. Takes as long as the tests do, once for each Debian. */
t.setTimeout(0)

const { cache, logs } = settingsOf(process.env, new Date())
mkdirSync(logs, { recursive: true })
const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')

/** Ends of the commands that are typed, each with the name of its log. */
const typed = { demo: 'demo --once', check: 'check', test: 'test', slow: 'test:slow' }

/** The command of the README that ends so, whole. */
const command = (end: string): string => {
  const found = allCommands(readme).filter((line) => line.endsWith(` ${end}`))
  if (found.length !== 1) throw new Error(`the README has ${found.length} commands that end in ${end}`)
  return found.join()
}

/** What such a Debian has of all that tests take from a machine. The browser comes along. */
const here = ['bash', 'chromium', 'debconf-set-selections', 'dpkg-deb', 'script', 'user namespaces']
/** What nobody misses there: its tests ask for python3 first. */
const behind = ['schemathesis']
type Name = keyof typeof taken

/** Reasons of tests that are skipped for another reason than a lack. */
const others = ['needs root']

for (const suite of suites) {
  t.test(`the commands of the README are all the set-up on ${suite}`, async (t) => {
    const machine = await openMachine(t, suite, cache, join(logs, `newcomer-${suite}.log`))
    const log = (name: string) => join(logs, `newcomer-${suite}-${name}.log`)
    await machine.type('git clone --quiet /srv/joinery.git joinery', log('clone'))
    let said = ''
    for (const [name, end] of Object.entries(typed)) {
      await t.test(command(end), async (t) => {
        t.comment(`output: ${log(name)}`)
        await machine.type(`cd joinery && ${command(end)}`, log(name))
        said += readFileSync(log(name), 'utf8')
      })
    }
    const reasons = said.matchAll(/# SKIP (.*)/g)
    const lacks = (Object.keys(taken) as Name[]).filter((name) => ![...here, ...behind].includes(name))
    t.same(
      [...new Set([...reasons].map(([, reason]) => reason))].sort(),
      [...others, ...lacks.map((name) => needs(name, () => false))].sort(),
      'what is skipped is what such a machine lacks'
    )
  })
}
