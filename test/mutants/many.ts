import type { Mutant } from './mutant.ts'

const cli = 'packages/cli'
const many = [`${cli}/test/commands/many.test.ts`]

/** What is decided about many machines, tried, or waited for. */
export const manyMachines: readonly Mutant[] = [
  {
    file: `${cli}/src/selection/judge-selected.ts`,
    name: 'control-plane-among-all',
    text: 'return role === enrolment.role ? undefined : { leftOut: asControlPlane }',
    instead: 'return undefined',
    rule: 'a control plane is approved with others only if its role is selected',
    killedBy: [`${cli}/test/selection/judge-selected.test.ts`]
  },
  {
    file: `${cli}/src/selection/judge-selected.ts`,
    name: 'never-approved-counts-as-restored',
    text: '(restored === undefined || enrolment.restored !== undefined)',
    instead: '(restored === undefined || enrolment.state !== undefined)',
    rule: 'what was never approved is not approved again',
    killedBy: [`${cli}/test/selection/judge-selected.test.ts`]
  },
  {
    file: `${cli}/src/selection/judge-selected.ts`,
    name: 'changed-since-its-approval',
    text: 'restored.changed.length === 0',
    instead: 'restored.changed.length >= 0',
    rule: 'what became something else since its approval is not approved again with others',
    killedBy: [`${cli}/test/selection/judge-selected.test.ts`]
  },
  {
    file: 'packages/server/src/core/enrolment/decision/decision.ts',
    name: 'restored-for-ever',
    text: 'const { takenBack: _, ...approval } = enrolment.approval',
    instead: 'const { ...approval } = enrolment.approval',
    rule: 'an approval that was taken back counts no more after another decision',
    killedBy: ['test/journeys/kubernetes-door-command/restored.test.ts']
  },
  {
    file: `${cli}/src/selection/judge-selected.ts`,
    name: 'unknown-labels-are-none',
    text: 'if (labels === undefined && isView(enrolment)) return { leftOut: unknownLabels }',
    instead: '',
    rule: 'a machine whose labels are not known is selected by none',
    killedBy: [`${cli}/test/selection/judge-selected.test.ts`]
  },
  {
    file: `${cli}/src/commands/remove.ts`,
    name: 'drained-as-it-is-now',
    text: 'if (shown.revision !== revision || shown.key !== key) {',
    instead: 'if (shown.key !== key) {',
    rule: 'a machine that changed since the list is not drained',
    killedBy: many
  },
  {
    file: `${cli}/src/session/client.ts`,
    name: 'dry-run-of-an-older-server',
    text: 'if (offers.includes(offer)) return',
    instead: 'if (offers.length >= 0) return',
    rule: 'a server without a dry run is not asked for one',
    killedBy: many
  },
  {
    file: `${cli}/src/kubernetes/decide.ts`,
    name: 'dry-run-makes-a-decision',
    text: ", dryRun: 'All' })",
    instead: ' })',
    rule: 'a dry run over the cluster makes no Decision',
    killedBy: ['test/journeys/kubernetes-door-command/many.test.ts']
  },
  {
    file: 'packages/server/src/adapters/sqlite/commit.ts',
    name: 'tried-change-is-written',
    text: ' || change.tried) statements.undo.run()',
    instead: ') statements.undo.run()',
    rule: 'a change that is only tried is not written',
    killedBy: ['test/contract/store-sqlite.process.test.ts', 'test/journeys/approval/dry-run.test.ts']
  },
  {
    file: `${cli}/src/wait/judge-awaited.ts`,
    name: 'frozen-is-waited-for',
    text: 'isLive(one) && !mustHaveNoNode(one)',
    instead: 'isLive(one)',
    rule: 'a wait ends if only an operator can set the machine free',
    killedBy: [`${cli}/test/wait/judge-awaited.test.ts`]
  },
  {
    file: `${cli}/src/waves/plan-wave.ts`,
    name: 'waves-never-stop',
    text: "if (failed >= stopOn) return 'stop'",
    instead: '',
    rule: 'no other wave begins after so many failures',
    killedBy: [`${cli}/test/waves/plan-wave.test.ts`]
  }
]
