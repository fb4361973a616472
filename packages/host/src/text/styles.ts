import type { NodeStatus, State, Verdict } from '@joinery/protocol'
import type { Cell, Style } from './table.ts'

const states: Partial<Record<State, Style>> = {
  pending: 'yellow',
  ready: 'green',
  frozen: 'red',
  failed: 'red',
  rejected: 'red'
}
const verdicts: Partial<Record<Verdict, Style>> = { warn: 'yellow', fail: 'red' }

const styled = (text: string, style: Style | undefined): Cell => (style === undefined ? text : { text, style })

export const stateCell = (state: State): Cell => styled(state, states[state])
export const verdictCell = (verdict: Verdict): Cell => styled(verdict, verdicts[verdict])
export const conditionCell = ({ condition }: Pick<NodeStatus, 'condition'>): Cell =>
  styled(condition, condition === 'Ready' ? 'green' : 'yellow')
export const alertCell = (text: string): Cell => styled(text, 'red')
