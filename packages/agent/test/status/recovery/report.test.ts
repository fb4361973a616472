import { filesUnder } from '@joinery/host/files'
import t from 'tap'
import { readRecoveryReport, recoveryReportFile } from '../../../src/status/recovery/report.ts'

const run = '/run/joinery-agent'
const report = {
  process: { pid: 7, started: '100' },
  key: 'sha256:ab',
  phase: 'waiting',
  message: 'waiting for an operator',
  since: 1
}
const stat = (started: string): string =>
  `7 (node) S ${Array.from({ length: 18 }, (_, index) => index).join(' ')} ${started} 0 0\n`

t.test('a way back is under way while its process runs, and no other process is taken for it', async (t) => {
  const cases: [what: string, proc: object, text: string, found: boolean][] = [
    ['it runs', { 7: { stat: stat('100') } }, JSON.stringify(report), true],
    ['another process has its number', { 7: { stat: stat('101') } }, JSON.stringify(report), false],
    ['it is gone', {}, JSON.stringify(report), false],
    ['a report in other words', { 7: { stat: stat('100') } }, JSON.stringify({ ...report, phase: 'other' }), false],
    ['a report that is none', { 7: { stat: stat('100') } }, '{', false]
  ]
  for (const [what, proc, text, found] of cases) {
    const files = filesUnder(t.testdir({ proc: { ...proc } }))
    await files.makeFolder(run, 0o700)
    await files.write(recoveryReportFile(run), text, 0o600)
    t.same(await readRecoveryReport(files, run), found ? report : undefined, what)
  }
  t.equal(await readRecoveryReport(filesUnder(t.testdir({})), run), undefined, 'there is none')
})
