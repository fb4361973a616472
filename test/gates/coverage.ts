import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { belowFloor, type Floor, measures, type Summary } from './coverage-floor.ts'

/** Holds what `test:coverage` measured last to the floor. */
const floor: Floor = {
  total: { statements: 98, branches: 95, functions: 94, lines: 98 },
  file: {},
  exceptions: {}
}

const root = resolve(import.meta.dirname, '../..')
const summary = JSON.parse(readFileSync(resolve(root, '.tap/report/coverage-summary.json'), 'utf8')) as Summary
const faults = belowFloor(summary, floor, root)
for (const fault of faults) console.error(fault)
if (faults.length > 0) process.exitCode = 1
else console.log(measures.map((measure) => `${measure} ${summary.total?.[measure].pct} %`).join(', '))
