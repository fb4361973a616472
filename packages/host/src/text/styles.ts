import type { NodeStatus, SeenState, Verdict } from '@joinery/protocol'
import type { Cell, Style } from './table.ts'

const states: Record<SeenState, Style | undefined> = {
  pending: 'yellow',
  approved: undefined,
  joining: undefined,
  joined: undefined,
  ready: 'green',
  frozen: 'red',
  failed: 'red',
  expired: undefined,
  rejected: 'red',
  removed: undefined,
  unknown: undefined
}
const verdicts: Partial<Record<Verdict, Style>> = { warn: 'yellow', fail: 'red' }

const styled = (text: string, style: Style | undefined): Cell => (style === undefined ? text : { text, style })

export const stateCell = (state: SeenState): Cell => styled(state, states[state])
export const verdictCell = (verdict: Verdict): Cell => styled(verdict, verdicts[verdict])
export const conditionCell = ({ condition }: Pick<NodeStatus, 'condition'>): Cell =>
  styled(condition, condition === 'Ready' ? 'green' : 'yellow')
export const alertCell = (text: string): Cell => styled(text, 'red')
