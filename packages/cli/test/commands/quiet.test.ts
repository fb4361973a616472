import { code, detail, enrolment, newCode } from '@joinery/testing/command/fixtures'
import { joinery, joineryAsked, runWith, serveOperators } from '@joinery/testing/command/operators'
import t from 'tap'

const answers = {
  approve: () => ({ ...detail, state: 'approved' }),
  createCode: () => newCode,
  list: () => ({ items: [enrolment] }),
  listCodes: () => ({ items: [code] }),
  show: () => detail
}

t.test('-q prints data and errors, and no messages', async (t) => {
  for (const words of [
    ['list'],
    ['show', 'node-1'],
    ['approve', 'node-1', '--yes'],
    ['code', 'create'],
    ['list', '--limit', '1']
  ]) {
    const loud = await joinery(t, answers, ...words)
    const quiet = await joinery(t, answers, ...words, '-q')
    t.not(loud.err, '', `there is something to leave out: ${words.join(' ')}`)
    t.equal(quiet.err, '', words.join(' '))
    t.equal(quiet.out, loud.out, words.join(' '))
    t.equal(quiet.exitCode, 0, words.join(' '))
  }
  const failed = await joinery(t, {}, '--quiet', 'show', 'node-9')
  t.match(failed, { exitCode: 3, out: '', err: 'error: no enrolment is called node-9 (not-found)\n' })
  const empty = await joinery(t, { list: () => ({ items: [] }) }, 'list', '-q')
  t.match(empty, { exitCode: 0, out: '', err: '' })
})

t.test('-q hides nothing that a person is asked about', async (t) => {
  const loud = await joineryAsked(t, answers, ['n'], 'approve', 'node-1')
  const quiet = await joineryAsked(t, answers, ['n'], 'approve', 'node-1', '-q')
  t.match(quiet.err, /^Name: +node-1\n[\s\S]*Serial: +SN-1/, 'the evidence')
  t.equal(quiet.err, loud.err)
  t.equal(quiet.exitCode, 1)
  const yes = await joineryAsked(t, answers, ['y'], 'approve', 'node-1', '-q')
  t.notMatch(yes.err, 'Next:', 'messages after the answer are left out')
  t.equal(yes.out, 'enrolment/node-1 approved\n')
})

t.test('--no-input asks nothing, as if there were no terminal', async (t) => {
  for (const words of [
    ['approve', 'node-1'],
    ['approve', 'node-1', '-q']
  ]) {
    const { exitCode, err, questions, calls } = await joineryAsked(t, answers, ['y'], '--no-input', ...words)
    t.match(err, 'error: nothing is approved; there is no terminal to ask on', words.join(' '))
    t.same({ exitCode, questions }, { exitCode: 2, questions: [] }, words.join(' '))
    t.notOk(
      calls.some(({ route }) => route === 'approve'),
      words.join(' ')
    )
  }
  const agreed = await joineryAsked(t, answers, ['y'], 'approve', 'node-1', '--no-input', '--yes')
  t.match(agreed, { exitCode: 0, questions: { length: 0 } })
})

t.test('JOINERY_SOCKET names the socket, unless --socket does; completion knows it', async (t) => {
  const { socket } = await serveOperators(t, answers)
  t.match(await runWith(['list', '-o', 'name'], { socket }), { exitCode: 0, out: 'enrolment/node-1\n' })
  t.match(await runWith(['__complete', 'show', ''], { socket }), { out: /^node-1\t/ })
  const other = await runWith(['list', '--socket', '/nowhere/s'], { socket })
  t.match(other, { exitCode: 1, err: /no pairing server listens on \/nowhere\/s/ })
})

t.test('a text goes through the pager of a screen, with the messages behind it, unless --no-pager', async (t) => {
  const { socket } = await serveOperators(t, { ...answers, showCode: () => ({ ...code, users: [], timeline: [] }) })
  const run = async (...words: string[]) => {
    const events: string[] = []
    const note = (kind: string) => (text: string) => void (text !== '' && events.push(`${kind} ${text}`))
    await runWith(['--socket', socket, ...words], {
      out: note('out'),
      err: note('err'),
      page: async (text) => note('page')(text)
    })
    return events.map((event) => event.split(/[ \n]/)[0])
  }
  for (const words of ['list', 'show node-1']) t.same(await run(...words.split(' ')), ['page', 'err'], words)
  for (const words of ['code list', 'code show c1', 'list -o json', 'list -o wide -q']) {
    t.same(await run(...words.split(' ')), ['page'], words)
  }
  t.same(await run('list', '--no-pager'), ['out', 'err'])
  t.same(await run('approve', 'node-1', '--yes'), ['err', 'out', 'err'], 'what changes something goes through none')
  t.same(await run('show', 'node-1', '--nonsense'), ['err'])
})

t.test('what was shown before an error is shown, and the error comes behind it', async (t) => {
  const { status } = await import('@joinery/testing/command/fixtures')
  const { socket } = await serveOperators(t, { status: () => ({ ...status, remedies: ['make room'] }) })
  let seen = ''
  const { exitCode } = await runWith(['--socket', socket, 'status'], {
    page: async (text) => {
      seen += text
    },
    err: (text) => {
      seen += text
    }
  })
  t.match(seen, /^Server: [\s\S]*\n- make room\nerror: the pairing server needs a person\n$/)
  t.equal(exitCode, 1)
})
