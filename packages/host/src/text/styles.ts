import type { NodeStatus, SeenState, Verdict } from '@joinery/protocol'
import type { Cell, Style } from './table.ts'

const states: Record<SeenState, Style | undefined> = {
  pending: 'yellow',
  approved: undefined,
  joining: undefined,
  joined: undefined,
  ready: 'green',
  recovering: 'yellow',
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
/** The condition of a Node in a cell. A star marks one that `waits`: the gates of its code do not hold yet. */
export const conditionCell = ({
  condition,
  waits = false
}: Pick<NodeStatus, 'condition'> & { waits?: boolean }): Cell =>
  styled(waits ? `${condition}*` : condition, condition === 'Ready' && !waits ? 'green' : 'yellow')
export const alertCell = (text: string): Cell => styled(text, 'red')
