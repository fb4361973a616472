import t from 'tap'
import { belowFloor, type FileCoverage, type Floor, type Summary } from './coverage-floor.ts'

const at = (statements: number, branches = 100, functions = 100, lines = statements): FileCoverage => ({
  statements: { total: 100, covered: statements, pct: statements },
  branches: { total: 100, covered: branches, pct: branches },
  functions: { total: 100, covered: functions, pct: functions },
  lines: { total: 100, covered: lines, pct: lines }
})
const floor: Floor = {
  total: { statements: 98, branches: 95, functions: 90, lines: 98 },
  file: { statements: 80 },
  exceptions: {}
}
const excepted: Floor = { ...floor, exceptions: { 'packages/a/src/main.ts': 'is the process itself' } }

const rows: [name: string, summary: Summary, floor: Floor, faults: string[]][] = [
  ['all is covered', { total: at(100), '/root/a.ts': at(100) }, floor, []],
  ['exactly at the floor', { total: at(98, 95, 90) }, floor, []],
  [
    'just below the floor',
    { total: at(97.99, 94.99, 89.99, 97.98) },
    floor,
    [
      'all files: 97.99 % of statements, and 98 % is the floor',
      'all files: 94.99 % of branches, and 95 % is the floor',
      'all files: 89.99 % of functions, and 90 % is the floor',
      'all files: 97.98 % of lines, and 98 % is the floor'
    ]
  ],
  [
    'one file far below the others',
    { total: at(99), '/root/packages/a/src/plan.ts': at(79) },
    floor,
    ['packages/a/src/plan.ts: 79 % of statements, and 80 % is the floor']
  ],
  ['a file that is an exception', { total: at(99), '/root/packages/a/src/main.ts': at(0) }, excepted, []],
  [
    'an exception, while the total is below',
    { total: at(97), '/root/packages/a/src/main.ts': at(0) },
    excepted,
    ['all files: 97 % of statements, and 98 % is the floor', 'all files: 97 % of lines, and 98 % is the floor']
  ],
  [
    'an exception that is not needed any more',
    { total: at(99), '/root/packages/a/src/main.ts': at(80) },
    excepted,
    ['packages/a/src/main.ts: is an exception, and is not below the floor: take it off the list']
  ],
  [
    'an exception that was moved or deleted',
    { total: at(99), '/root/packages/a/src/start.ts': at(99) },
    excepted,
    ['packages/a/src/main.ts: is an exception, and was not measured: take it off the list']
  ],
  ['a summary without a total', { '/root/a.ts': at(100) }, floor, ['the summary measures nothing']],
  [
    'a summary of nothing',
    { total: { ...at(100), lines: { total: 0, covered: 0, pct: 100 } } },
    floor,
    ['the summary measures nothing']
  ]
]

for (const [name, summary, given, faults] of rows) {
  t.test(name, async (t) => t.same(belowFloor(summary, given, '/root'), faults))
}
