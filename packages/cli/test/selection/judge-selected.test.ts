import { enrolment } from '@joinery/testing/command/fixtures'
import t from 'tap'
import type { SeenEnrolment } from '../../src/operator-client.ts'
import { type Asked, judgeSelected } from '../../src/selection/judge-selected.ts'
import { parseLabelSelector } from '../../src/selection/label-selector.ts'
import type { Selection } from '../../src/selection/selection-options.ts'

const approve: Asked = { event: 'approve' }
const cp = { role: 'control-plane' } as const
const view = { attempts: undefined } as unknown as Partial<SeenEnrolment>
const recovering = (state: 'waiting' | 'approved' | 'refused') => ({
  state: 'recovering' as const,
  recovery: { state, addressBefore: '', changed: [] }
})
const restored = (...changed: string[]) => ({
  restored: { at: '2026-01-01T00:00:00Z', by: 'alice', revision: 3, changed }
})
const l = (text: string) => ({ selector: parseLabelSelector(text) })

t.test('a machine is selected for a verb, passed over, or left out with a reason', async (t) => {
  const rows: [string, Partial<SeenEnrolment>, Selection, Asked, 'taken' | 'passed' | RegExp][] = [
    ['all', {}, { all: true }, approve, 'taken'],
    ['its state', {}, { state: ['pending'] }, approve, 'taken'],
    ['another state', {}, { state: ['recovering'] }, approve, 'passed'],
    ['one of its states', {}, { state: ['failed', 'pending'] }, approve, 'taken'],
    ['its code', {}, { code: 'c1' }, approve, 'taken'],
    ['another code', {}, { code: 'c2' }, approve, 'passed'],
    ['its role', {}, { role: 'worker' }, approve, 'taken'],
    ['another role', {}, { role: 'control-plane' }, approve, 'passed'],
    ['one that fits and one that does not', {}, { code: 'c1', state: ['recovering'] }, approve, 'passed'],
    ['its label', { labels: { rack: 'r7' } }, l('rack=r7'), approve, 'taken'],
    ['another label', { labels: { rack: 'r8' } }, l('rack=r7'), approve, 'passed'],
    ['no labels over the socket', {}, l('!rack'), approve, 'taken'],
    ['no labels in a view', { ...view, labels: {} }, l('!rack'), approve, 'taken'],
    ['a view that had no room for labels', view, l('!rack'), approve, /does not show its labels/],
    ['a state without the verb', { state: 'ready' }, { all: true }, approve, 'passed'],
    ['an approval without an agent', { state: 'pending', withoutAgent: true }, { all: true }, approve, 'passed'],
    ['a control plane among all', cp, { all: true }, approve, /control plane; to select those: --role control-plane/],
    ['a control plane by its label', { ...cp, labels: { a: '' } }, l('a'), approve, /control plane/],
    ['a control plane by its role', cp, { role: 'control-plane' }, approve, 'taken'],
    ['a control plane to retry', { ...cp, state: 'failed' }, { all: true }, { event: 'retry' }, /control plane/],
    [
      'a control plane to remove',
      { ...cp, state: 'ready' },
      { role: 'control-plane' },
      { event: 'remove', controlPlanesByName: true },
      /one at a time/
    ],
    ['what was approved before', restored(), { restored: true }, approve, 'taken'],
    ['what was never approved', {}, { restored: true }, approve, 'passed'],
    [
      'what was approved before, and never had this code',
      restored(),
      { restored: true, code: 'c2' },
      approve,
      'passed'
    ],
    [
      'a control plane that was approved before',
      { ...cp, ...restored() },
      { restored: true },
      approve,
      /control plane/
    ],
    [
      'a control plane that was approved before, by its role',
      { ...cp, ...restored() },
      { restored: true, role: 'control-plane' },
      approve,
      'taken'
    ],
    [
      'what became something else',
      restored('address', 'serial'),
      { restored: true },
      approve,
      /alice approved revision 3, and since then this changed: address, serial; look at it: joinery approve/
    ],
    ['what became something else among all', restored('address'), { all: true }, approve, 'taken'],
    [
      'what was approved before and is frozen',
      { ...restored(), state: 'frozen' },
      { restored: true },
      approve,
      'passed'
    ],
    [
      'a way back among all',
      recovering('waiting'),
      { all: true },
      approve,
      /way back; to select those: --state recovering/
    ],
    ['a way back by its state', recovering('waiting'), { state: ['recovering'] }, approve, 'taken'],
    ['a way back that is approved', recovering('approved'), { state: ['recovering'] }, approve, 'passed'],
    ['a way back to reject', recovering('waiting'), { all: true }, { event: 'reject' }, 'taken'],
    ['a ready machine to retry', { state: 'ready' }, { all: true }, { event: 'retry' }, 'passed'],
    [
      'a refused way back to retry',
      { ...recovering('refused'), state: 'ready' },
      { all: true },
      { event: 'retry' },
      /way back; to select those: --state ready/
    ],
    [
      'the same by its state',
      { ...recovering('refused'), state: 'ready' },
      { state: ['ready'] },
      { event: 'retry' },
      'taken'
    ],
    ['a failed machine to retry', { state: 'failed' }, { all: true }, { event: 'retry' }, 'taken']
  ]
  for (const [what, part, selection, asked, verdict] of rows) {
    const judged = judgeSelected({ ...enrolment, ...part } as SeenEnrolment, selection, asked)
    if (typeof verdict === 'string') t.equal(judged, verdict, what)
    else t.match(judged, { leftOut: verdict }, what)
  }
})
