import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { enrolment } from './support/fixtures.ts'
import { serveOperators } from './support/operators.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

const start = (...words: string[]) => spawn(process.execPath, [main, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })

t.test('the command keeps data and messages apart and gives its exit code', async (t) => {
  const { socket } = await serveOperators(t, { list: () => ({ items: [enrolment] }) })
  const list = start('--socket', socket, 'list')
  const [out, err, [exitCode]] = await Promise.all([text(list.stdout), text(list.stderr), once(list, 'close')])
  t.match(out, /^NAME .*\nnode-1 +pending /)
  t.equal(err, 'Next: joinery approve node-1\n')
  t.equal(exitCode, 0)

  const retry = start('--socket', socket, 'retry', 'node-9')
  const [problem, [failed]] = await Promise.all([text(retry.stderr), once(retry, 'close')])
  t.equal(problem, 'error: no enrolment is called node-9 (not-found)\n')
  t.equal(failed, 3)
})

t.test('a reader that goes away ends the command quietly', async (t) => {
  // more than a pipe holds
  const items = Array.from({ length: 1000 }, () => enrolment)
  const { socket } = await serveOperators(t, { list: () => ({ items }) })
  const list = start('--socket', socket, 'list', '-o', 'json')
  list.stdout.destroy()
  const [err, [exitCode]] = await Promise.all([text(list.stderr), once(list, 'close')])
  t.equal(err, '')
  t.equal(exitCode, 0)
})

t.test(
  'list --watch shows a change as it comes; SIGINT ends it at once, which a shell calls exit code 130',
  async (t) => {
    let item = enrolment
    const { socket } = await serveOperators(t, { list: () => ({ items: [item] }) })
    const watch = start('--socket', socket, 'list', '--watch')
    const lines = createInterface(watch.stdout)[Symbol.asyncIterator]()
    const line = async () => (await lines.next()).value
    t.match(await line(), /^NAME /)
    t.match(await line(), /^node-1 +pending /)
    item = { ...enrolment, state: 'approved' }
    t.match(await line(), /^node-1 +approved /)
    watch.kill('SIGINT')
    t.same(await once(watch, 'close'), [null, 'SIGINT'])
  }
)
