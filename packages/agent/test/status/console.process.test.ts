import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { consolePrinter } from '../../src/status/console.ts'

t.test('a line on the console has the name of the agent, and stands by itself', async (t) => {
  const device = join(t.testdir({ console: '' }), 'console')
  await consolePrinter(device)('waiting for approval')
  t.equal(await readFile(device, 'utf8'), '\r\njoinery-agent: waiting for approval\r\n')
})

t.test('the agent goes on if there is no console, or if the console takes nothing', async (t) => {
  const folder = t.testdir({})
  await consolePrinter(join(folder, 'none'))('line')
  // nobody reads it: to open it for writing would wait for ever
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  await consolePrinter(pipe)('line')
  await consolePrinter(folder)('line')
})
