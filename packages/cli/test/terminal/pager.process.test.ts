import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Enrolment } from '@joinery/protocol'
import { enrolment } from '@joinery/testing/command/fixtures'
import { serveOperators } from '@joinery/testing/command/operators'
import { needs } from '@joinery/testing/processes/needs'
import { program } from '@joinery/testing/processes/program'
import { playOnTerminal } from '@joinery/testing/processes/terminal'
import t, { type Test } from 'tap'

const main = program('packages/cli/src/main.ts')
const skip = needs('script')
const machines = Array.from({ length: 100 }, (_, index): Enrolment => {
  return { ...enrolment, id: `e${index}`, name: `node-${index}` }
})
/** What a pipe does not hold. */
const many = Array.from({ length: 2000 }, (_, index): Enrolment => {
  return { ...enrolment, id: `e${index}`, name: `node-${index}` }
})

/** Runs a command on a terminal of 24 lines; `shown` is its screen. `typed` is typed when the screen has `at`. */
const onTerminal = async (
  t: Test,
  words: string,
  {
    env = {},
    items = machines,
    at,
    typed = ''
  }: { env?: NodeJS.ProcessEnv; items?: Enrolment[]; at?: string; typed?: string }
) => {
  const { socket } = await serveOperators(t, { list: () => ({ items }) })
  const command = `stty rows 24 columns 200; '${process.execPath}' '${main}' --socket '${socket}' ${words}`
  const { PAGER: _, JOINERY_PAGER: __, LESS: ___, ...around } = process.env
  return playOnTerminal(command, { ...around, TERM: 'xterm', NO_COLOR: '1', ...env }, { at, keys: typed })
}

/** A pager that writes what it got into files of its own. */
const pagerIn = (t: Test, script: string): { pager: string; folder: string } => {
  const folder = t.testdir({})
  const pager = join(folder, 'pager')
  writeFileSync(pager, `#!/bin/sh\ncd '${folder}'\n${script}\n`)
  chmodSync(pager, 0o755)
  return { pager, folder }
}

t.test(
  'a list that is longer than the screen goes through the pager, and its messages come behind',
  { skip },
  async (t) => {
    const { pager, folder } = pagerIn(t, 'cat > got; echo "$LESS,$LESSSECURE,$*" > how; echo paged')
    const { exitCode, shown } = await onTerminal(t, 'list', { env: { PAGER: 'false', JOINERY_PAGER: `${pager} -x y` } })
    const got = readFileSync(join(folder, 'got'), 'utf8')
    t.equal(got.split('\n').length, 102)
    t.match(got, /^NAME .*\nnode-0 /)
    t.equal(readFileSync(join(folder, 'how'), 'utf8'), 'FRX,1,-x y\n')
    t.match(shown, /^paged\nNext: joinery .*approve --state pending\n/)
    t.equal(exitCode, 0)
  }
)

t.test('a list that has room on the screen, and one for a pipe, go through none', { skip }, async (t) => {
  const { pager, folder } = pagerIn(t, 'touch ran; cat')
  for (const [words, items] of [
    ['list', machines.slice(0, 3)],
    ['list -o json | cat', machines]
  ] as const) {
    const { shown, exitCode } = await onTerminal(t, words, { env: { PAGER: pager }, items: [...items] })
    t.match(shown, 'node-2', words)
    t.equal(exitCode, 0, words)
  }
  t.notOk(existsSync(join(folder, 'ran')))
})

t.test('a reader who leaves the pager early is no error', { skip }, async (t) => {
  const { pager } = pagerIn(t, 'head -n 1')
  const { exitCode, shown } = await onTerminal(t, 'list -q -o json', { env: { PAGER: pager }, items: many })
  t.equal(shown, '{\n')
  t.equal(exitCode, 0)
})

t.test('Ctrl-C is the pager’s while it runs, and the command ends behind it', { skip }, async (t) => {
  const { pager } = pagerIn(
    t,
    'trap \'echo interrupted; over=1\' INT; echo reading; until [ "$over" ]; do sleep 0.1; done; echo left'
  )
  const { exitCode, shown } = await onTerminal(t, 'list', { env: { PAGER: pager }, at: 'reading', typed: '\x03' })
  t.match(shown, /^reading\n(\^C)?interrupted\nleft\nNext: joinery .*approve/)
  t.equal(exitCode, 0)
})

t.test('less itself shows the first page, and q ends it', { skip: skip || needs('less') }, async (t) => {
  const { exitCode, shown } = await onTerminal(t, 'list -q', { at: 'node-20 ', typed: 'q' })
  t.match(shown, 'NAME ')
  t.notMatch(shown, 'node-30 ')
  t.equal(exitCode, 0)
})

t.test('a pager that is not there, or that needs a shell, is said, and the text is shown', { skip }, async (t) => {
  const { shown } = await onTerminal(t, 'list', { env: { PAGER: '/nowhere/pager' } })
  t.match(
    shown,
    /^NAME .*\n[\s\S]*node-99 .*\nerror: the pager \/nowhere\/pager is not there\nremedy: .*--no-pager\nNext: /
  )
  const folder = t.testdir({})
  const shell = await onTerminal(t, 'list', { env: { PAGER: `cat; touch ${folder}/ran` } })
  t.match(shell.shown, /^NAME .*\n[\s\S]*node-99 .*\nerror: PAGER is not run by a shell: /)
  t.notOk(existsSync(join(folder, 'ran')))
  t.equal(shell.exitCode, 0)
})
