import { wrongRemedyLines } from '@joinery/testing/remedies/remedy-lines'
import t from 'tap'
import type { Finding, PreflightCheck } from '../../src/machine/preflight/check/check.ts'
import { type Table, tableHost } from './table-host.ts'

export interface Row {
  name: string
  machine: Table
  verdict: Finding['verdict']
  finding: RegExp
  /** Of the commands, one a line. */
  remedy?: RegExp
  /** The agent leaves this one alone, though it mends the check elsewhere. */
  byHand?: true
}

/** Every row is one machine; a verdict other than `pass` and `skipped` needs a remedy. `name`: of the test. */
export const table = (check: PreflightCheck, rows: Row[], name = check.name): void => {
  t.test(name, async (t) => {
    const lines: string[] = []
    for (const { name, machine, verdict, finding, remedy, byHand } of rows) {
      const found = await check.run(tableHost(machine))
      lines.push(...(found.remedy ?? []))
      t.equal(found.verdict, verdict, name)
      t.match(found.finding, finding, name)
      if (remedy === undefined) t.equal(found.remedy, undefined, name)
      else t.match(found.remedy?.join('\n'), remedy, name)
      t.equal(found.mendable, byHand && false, name)
    }
    t.same(wrongRemedyLines(lines), [], 'each line of a remedy is one command or a comment')
  })
}
