import t from 'tap'
import type { Verdict } from './flakes/replay.ts'
import { lastWords } from './last-words.ts'
import type { FailedFile } from './log/failed-files.ts'
import { readLog } from './log/read-log.ts'
import type { Result } from './log/result.ts'

const red: Verdict = { why: 'it failed again' }
const flaky = (name: string): Verdict => ({
  flake: { name, commit: '12345678', date: '2026-12-01', first: 'not ok', again: 'ok' }
})

/** A step with these totals, and with files that failed. */
const result = (script: string, passed: number, failed: number, files: string[] = [], lines: string[] = []): Result => {
  const log = readLog([...lines, `# { total: ${passed + failed}, pass: ${passed}, fail: ${failed} }`].join('\n'))
  const ofFile = (file: string): FailedFile => ({
    file,
    process: file,
    isLost: false,
    suspects: [file],
    tests: [],
    failures: [],
    output: ''
  })
  return {
    script,
    isGreen: failed === 0 && log.own.length === 0,
    output: `log of ${script}`,
    log,
    failed: files.map(ofFile)
  }
}

/** The end of a run; `verdicts` are those of the files, in their order. */
const endOf = (
  results: Result[],
  verdicts: Verdict[] = [],
  wrong: string[] = []
): { lines: string[]; failed: number } => {
  const files = results.flatMap(({ failed }) => failed)
  const given = new Map(verdicts.map((verdict, at) => [files[at] as FailedFile, verdict]))
  const { text, failed } = lastWords({
    results,
    verdicts: given,
    wrong,
    commit: '12345678',
    date: '2026-12-01',
    load: 1.25
  })
  return { lines: text.trimEnd().split('\n'), failed }
}

t.test('the last line has the totals, and the line before it the flakes', async (t) => {
  const leftOut = ['-- spine NOT RUN: slow', '-- why NOT RUN: slow']
  const rows: [string, results: Result[], verdicts: Verdict[], wrong: string[], end: [string, string]][] = [
    ['all is well', [result('test', 5, 0)], [], [], ['flakes: none (0)', '5 passed, 0 failed']],
    ['two steps', [result('test', 5, 0), result('more', 2, 1)], [], [], ['flakes: none (0)', '7 passed, 1 failed']],
    ['a flake', [result('test', 5, 2, ['a'])], [flaky('a')], [], ['flakes: a (1)', '7 passed, 0 failed']],
    [
      'two flakes',
      [result('test', 5, 2, ['a', 'b'])],
      [flaky('a'), flaky('b')],
      [],
      ['flakes: a, b (2)', '7 passed, 0 failed']
    ],
    [
      'a failure beside a flake',
      [result('test', 5, 2, ['a', 'b'])],
      [flaky('a'), red],
      [],
      ['flakes: a (1)', '5 passed, 2 failed']
    ],
    [
      'a failure in another step',
      [result('test', 5, 2, ['a']), result('more', 1, 1, ['b'])],
      [flaky('a'), red],
      [],
      ['flakes: a (1)', '8 passed, 1 failed']
    ],
    [
      'a lost file, which passed',
      [result('test', 5, 1, ['a', 'b'])],
      [flaky('a'), {}],
      [],
      ['flakes: a (1)', '6 passed, 0 failed']
    ],
    ['not judged', [result('test', 5, 2, ['a'])], [], [], ['flakes: none (0)', '5 passed, 2 failed']],
    [
      'a flake, and a failure of no file',
      [result('test', 5, 1, ['a'], ['not ok - of none'])],
      [flaky('a')],
      [],
      ['flakes: a (1)', '5 passed, 1 failed']
    ],
    [
      'something else is wrong',
      [result('test', 5, 0)],
      [],
      ['the run was ended'],
      ['flakes: none (0)', '5 passed, 1 failed']
    ],
    [
      'suites were left out',
      [result('test', 5, 0, [], leftOut)],
      [],
      [],
      ['flakes: none (0)', '5 passed, 0 failed, 2 skipped']
    ],
    ['nothing ran', [], [], ['the run was ended'], ['flakes: none (0)', '0 passed, 1 failed']]
  ]
  for (const [row, results, verdicts, wrong, end] of rows) {
    const { lines, failed } = endOf(results, verdicts, wrong)
    t.same(lines.slice(-2), end, row)
    t.match(end[1], ` ${failed} failed`, row)
  }
})

t.test('the end says what failed and why, and what is to be written down', async (t) => {
  const results = [result('test', 5, 1, ['a']), result('more', 2, 1, ['b'])]
  const { lines } = endOf(results, [flaky('a'), red], ['wrong'])
  t.notOk(lines.includes('log of test'), 'a step with flakes alone has passed')
  for (const line of ['== what failed in pnpm more', 'log of more', 'FAILED b: it failed again', 'wrong'])
    t.ok(lines.includes(line), line)
  t.ok(lines.includes('| `a` | 12345678 | 2026-12-01 | none |'))
  t.ok(lines.includes('| 2026-12-01 | 12345678 | `.ci/run` | 1.3 | 8 passed, 2 failed | 1 |'))
})
