import type { Mutant } from '../mutant.ts'

const journeys = 'test/journeys/nodes'

/** What happens to a Node, and to its name, by a pass or by an operator. */
export const nodeJourneys: readonly Mutant[] = [
  {
    name: 'heartbeat-of-a-banned-node',
    file: 'packages/server/src/core/reconcile/reconciler.ts',
    text: '        await this.#settleBannedLeases(nodes)\n',
    instead: '',
    rule: 'a banned control plane whose Node stays loses its heartbeat',
    killedBy: [`${journeys}/bans.test.ts`]
  },
  {
    name: 'each-condition-is-a-commit',
    file: 'packages/server/src/core/reconcile/reconciler.ts',
    text: 'this.#conditions.withinBudget(before, decided)',
    instead: 'decided',
    rule: 'a kubelet that flips very fast makes few commits',
    killedBy: [`${journeys}/flapping.test.ts`]
  },
  {
    name: 'labelled-before-it-is',
    file: 'packages/server/src/core/reconcile/reconciler.ts',
    text: '    await this.#parts.giving.setLabelsAndTaints({ name, uid }, allowed)\n    if (first) await this.#parts.enrolments.change(id, (current, now) => decideLabelled(current, uid, refused, now))\n',
    instead:
      '    if (first) await this.#parts.enrolments.change(id, (current, now) => decideLabelled(current, uid, refused, now))\n    await this.#parts.giving.setLabelsAndTaints({ name, uid }, allowed)\n',
    rule: 'a Node is noted as labelled when it is',
    killedBy: [`${journeys}/labels-and-taints.test.ts`]
  },
  {
    name: 'nodes-of-before-as-new-ones',
    file: 'packages/server/src/core/services/node-service.ts',
    text: 'known.get(node.name), (',
    instead: 'undefined, (',
    rule: 'a list of Nodes says which were there before Joinery',
    killedBy: [`${journeys}/nodes.test.ts`]
  },
  {
    name: 'removal-that-asks-for-no-node',
    file: 'packages/server/src/core/services/operator/ending.ts',
    text: 'found.join.attempts.length === 0 ? undefined : await findNode(cluster, found.name)',
    instead: 'await findNode(cluster, found.name)',
    rule: 'to remove what nothing was given out for asks the cluster nothing',
    killedBy: [`${journeys}/remove.test.ts`]
  },
  {
    name: 'new-name-unheard',
    file: 'packages/server/src/core/services/agent/enrol.ts',
    text: '...given({ version: knock.version }), name, observation }',
    instead: '...given({ version: knock.version }), observation }',
    rule: 'a machine whose code names none may change its name until its claim',
    killedBy: [`${journeys}/renaming.test.ts`]
  },
  {
    name: 'room-made-by-another-node',
    file: 'packages/server/src/core/services/operator/approving.ts',
    text: '  requireSameNode(node, shown.replace.uid)\n',
    instead: '',
    rule: 'another Node than the one that was shown stays',
    killedBy: [`${journeys}/replace.test.ts`]
  },
  {
    name: 'first-look-that-alerts',
    file: 'packages/server/src/core/reconcile/outsiders.ts',
    text: 'first ? this.#remember(glimpses) : this.#tell(glimpses, known)',
    instead: 'this.#tell(glimpses, known)',
    rule: 'Nodes from before the first look do not alert',
    killedBy: [`${journeys}/tripwires.test.ts`]
  }
]
