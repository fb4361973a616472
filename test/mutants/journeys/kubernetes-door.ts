import type { Mutant } from '../mutant.ts'

const command = 'test/journeys/kubernetes-door-command'
const journeys = 'test/journeys/kubernetes-door'

/** What Kubernetes shows, and what the command makes of that. */
export const kubernetesDoorJourneys: readonly Mutant[] = [
  {
    name: 'approval-that-nobody-remembers',
    file: 'packages/cli/src/kubernetes/verbs.ts',
    text: 'holdsName(found) ? await approvalOf(parts, found.id) : undefined',
    instead: 'undefined',
    rule: 'over the cluster the same approval again changes nothing, as over the socket',
    killedBy: [`${command}/both-doors.test.ts`]
  },
  {
    name: 'files-of-another-host',
    file: 'packages/cli/src/bundle/sources.ts',
    text: "      if (door === 'cluster') throw new Error('only on the host of the pairing server: sudo joinery bundle')\n",
    instead: '',
    rule: 'over the cluster no file of this host is taken for one of the server',
    killedBy: [`${command}/bundle.test.ts`]
  },
  {
    name: 'way-that-is-forgotten',
    file: 'packages/cli/src/session/told.ts',
    text: "return flags === '' ? begin : `${begin}${flags} `",
    instead: 'return begin',
    rule: 'a command that is printed goes to the cluster that the operator named',
    killedBy: [`${command}/printed-commands.test.ts`, 'packages/cli/test/session/told.test.ts']
  },
  {
    name: 'refusal-without-remedy',
    file: 'packages/server/src/features/kubernetes-api/asked/refusal.ts',
    text: 'given({ remedy: remedy && plain(remedy) })',
    instead: '{}',
    rule: 'a refusal over the cluster says what to do, as over the socket',
    killedBy: [`${command}/same-words.test.ts`]
  },
  {
    name: 'only-this-server',
    file: 'packages/server/src/core/register-core.ts',
    text: 'withOthers(c.resolve(Identity), c.resolve(OtherServers)())',
    instead: 'c.resolve(Identity)',
    rule: 'a code and the Installation name all servers',
    killedBy: [`${command}/several-servers.test.ts`]
  },
  {
    name: 'view-written-again',
    file: 'packages/server/src/features/kubernetes-api/view-writer.ts',
    text: 'shown.get(name)?.hash === hash',
    instead: 'false',
    rule: 'while nothing happens no view is written',
    killedBy: [`${journeys}/views-cost.test.ts`]
  },
  {
    name: 'edited-view-stays',
    file: 'packages/server/src/features/kubernetes-api/view-writer.ts',
    text: 'if (this.#shown[kind].told(view))',
    instead: 'if (false)',
    rule: 'what somebody edits or deletes is undone',
    killedBy: [`${journeys}/views.test.ts`]
  }
]
