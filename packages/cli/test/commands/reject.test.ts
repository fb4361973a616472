import { type EnrolmentDetail, type State, states } from '@joinery/protocol'
import { detail } from '@joinery/testing/command/fixtures'
import { joinery, runWith, serveOperators } from '@joinery/testing/command/operators'
import t, { type Test } from 'tap'

const because = ['--reason', 'not ours']
const answersFor = (shown: EnrolmentDetail) => ({ show: () => shown, reject: () => ({ ...shown, state: 'rejected' }) })

/** Rejects node-1 while it is in `state`, with somebody at the terminal who types `answer`. */
const rejectAt = async (t: Test, state: State, answer: string, ...words: string[]) => {
  const { socket, calls } = await serveOperators(t, answersFor({ ...detail, state }))
  const questions: string[] = []
  const ask = async (question: string) => {
    questions.push(question)
    return answer
  }
  const result = await runWith(['--socket', socket, 'reject', 'e1', ...because, ...words], { ask })
  return { ...result, questions, rejected: calls.some(({ route }) => route === 'reject') }
}

t.test('reject sends its reason for exactly the enrolment that it looked at', async (t) => {
  const { out, err, calls } = await joinery(t, answersFor(detail), 'reject', 'node-1', ...because)
  t.same(calls, [
    { route: 'show', reference: 'node-1', body: '' },
    { route: 'reject', reference: 'e1', body: { reason: 'not ours' } }
  ])
  t.equal(out, 'enrolment/node-1 rejected\n')
  t.equal(err, '')
})

t.test('reject of a machine that joins asks for its whole name first', async (t) => {
  const joining = await rejectAt(t, 'joining', 'node-1')
  t.match(joining, { exitCode: 0, rejected: true, questions: ['Type node-1 to reject it: '] })
  t.equal(joining.out, 'enrolment/node-1 rejected\n')
  t.equal(
    joining.err,
    'node-1 is joining: rejecting it ends its join, deletes its Node if one appears, and bans its name.\n'
  )

  const joined = await rejectAt(t, 'joined', ' node-1 ')
  t.match(joined, { exitCode: 0, rejected: true, questions: ['Type node-1 to reject it: '] })
  t.equal(joined.err, 'node-1 is joined: rejecting it deletes its Node, without a drain, and bans its name.\n')
})

t.test('reject changes nothing if another answer comes, or none', async (t) => {
  for (const answer of ['', 'y', 'yes', 'e1', 'node-10', 'NODE-1']) {
    const { exitCode, out, err, rejected } = await rejectAt(t, 'joined', answer)
    t.match({ exitCode, out, rejected }, { exitCode: 1, out: '', rejected: false }, answer)
    t.match(err, '\nerror: nothing is changed: that was not node-1\nremedy: ', JSON.stringify(answer))
  }
})

t.test('reject asks nothing if nothing runs on the machine, or with --yes', async (t) => {
  for (const state of states.filter((one) => one !== 'joining' && one !== 'joined')) {
    t.match(await rejectAt(t, state, ''), { exitCode: 0, err: '', rejected: true, questions: { length: 0 } }, state)
  }
  for (const state of ['joining', 'joined'] as const) {
    const asked = await rejectAt(t, state, '', '--yes')
    t.match(asked, { exitCode: 0, err: '', rejected: true, questions: { length: 0 } }, state)
  }
})

t.test('reject of a machine that joins is a usage error without a terminal and --yes', async (t) => {
  for (const state of ['joining', 'joined'] as const) {
    const answers = answersFor({ ...detail, state })
    const { exitCode, out, err, calls } = await joinery(t, answers, 'reject', 'node-1', ...because)
    t.match({ exitCode, out }, { exitCode: 2, out: '' }, state)
    t.match(err, `error: node-1 is ${state}: rejecting it `, state)
    t.match(err, '; there is no terminal to ask on\nremedy: if that is what you want, add --yes\n', state)
    t.same(
      calls.map(({ route }) => route),
      ['show'],
      state
    )
    const sure = await joinery(t, answers, 'reject', 'node-1', ...because, '--yes')
    t.match(sure, { exitCode: 0, out: 'enrolment/node-1 rejected\n', err: '' }, state)
  }
})
