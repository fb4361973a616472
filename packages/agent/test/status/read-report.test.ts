import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { filesUnder } from '@joinery/host/files'
import t, { type Test } from 'tap'
import type { AgentReport } from '../../src/status/agent-report.ts'
import { reportKeeper } from '../../src/status/keep-report.ts'
import { processStart } from '../../src/status/process-start.ts'
import { readReport } from '../../src/status/read-status.ts'

const run = '/run/joinery-agent'
const report: AgentReport = {
  process: { pid: 7, started: '100' },
  server: 'https://192.0.2.1:7443',
  message: 'waiting',
  since: 1,
  checks: []
}
const statOf = (name: string, started: string): string =>
  `7 (${name}) S ${Array.from({ length: 18 }, (_, index) => index).join(' ')} ${started} 0 0\n`

const machine = (t: Test, proc: object = {}) => {
  const root = t.testdir({ proc: { ...proc } })
  return { root, files: filesUnder(root) }
}

t.test('only root can read a report, and it is read back while its process runs', async (t) => {
  const { root, files } = machine(t, { 7: { stat: statOf('a) b (c', '100') } })
  await reportKeeper(files, run)(report)
  t.equal((await stat(join(root, run, 'status.json'))).mode & 0o777, 0o600)
  t.same(await readReport(files, run), { report, alive: true })
})

t.test('a process with the same number is not the agent, and neither is a process that is gone', async (t) => {
  for (const proc of [{ 7: { stat: statOf('node', '101') } }, {}]) {
    const { files } = machine(t, proc)
    await reportKeeper(files, run)(report)
    t.same(await readReport(files, run), { report, alive: false }, JSON.stringify(proc))
  }
})

t.test('a report of a state that a newer server made is read back', async (t) => {
  const { files } = machine(t, { 7: { stat: statOf('node', '100') } })
  const told: AgentReport = { ...report, enrolment: { id: 'e', name: 'worker-1', state: 'unknown' } }
  await reportKeeper(files, run)(told)
  t.same(await readReport(files, run), { report: told, alive: true })
})

t.test('this process has a start time', async (t) => {
  t.match(await processStart(filesUnder('/'), process.pid), /^\d+$/)
})

t.test('the rest of a write that was cut off changes nothing, and the next write replaces it', async (t) => {
  const { files } = machine(t, { 7: { stat: statOf('node', '100') } })
  await reportKeeper(files, run)(report)
  await files.write(`${run}/status.json.new`, '{"process":', 0o600)
  t.same(await readReport(files, run), { report, alive: true })
  const next = { ...report, message: 'joining' }
  await reportKeeper(files, run)(next)
  t.same(await readReport(files, run), { report: next, alive: true })
})

t.test('of two agents on a machine the one that wrote last is shown', async (t) => {
  const { files } = machine(t, { 7: { stat: statOf('node', '100') }, 8: { stat: statOf('node', '120') } })
  const other = { ...report, process: { pid: 8, started: '120' }, message: 'joining' }
  for (const spoken of [report, other]) await reportKeeper(files, run)(spoken)
  t.same(await readReport(files, run), { report: other, alive: true })
})

t.test('a text that is no report is read as none', async (t) => {
  const { files } = machine(t)
  t.equal(await readReport(files, run), undefined)
  for (const text of [
    '',
    '{',
    'null',
    '[]',
    JSON.stringify({ ...report, process: 7 }),
    JSON.stringify({ ...report, token: 'x' })
  ]) {
    await files.write(`${run}/status.json`, text, 0o600)
    t.equal(await readReport(files, run), undefined, text)
  }
})
