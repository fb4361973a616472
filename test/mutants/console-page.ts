import type { Mutant } from './mutant.ts'

const model = (name: string) => ({
  file: `packages/console/src/ui/model/${name}.ts`,
  killedBy: [`packages/console/test/ui/${name}.test.ts`]
})

/** What the page of the console lets an operator decide, and about which look. */
export const consolePage: readonly Mutant[] = [
  {
    ...model('changed'),
    name: 'page-other-key-is-no-change',
    text: 'seen.revision !== now.revision || seen.key !== now.key',
    instead: 'seen.revision !== now.revision',
    rule: 'a look at one key is no look at another'
  },
  {
    ...model('changed'),
    name: 'page-other-evidence-asks-for-no-look',
    text: 'return differences({ ...seen, state: now.state }, now).length > 0',
    instead: 'return false',
    rule: 'an approval that was taken back needs another look'
  },
  {
    ...model('asked'),
    name: 'page-control-planes-go-with-the-others',
    text: "letsIn(verb) && role === 'control-plane' && !controlPlanes",
    instead: "letsIn(verb) && role === 'control-plane' && controlPlanes",
    rule: 'a control plane needs a yes of its own'
  },
  {
    ...model('asked'),
    name: 'page-decides-about-what-changed',
    text: '!outdated.has(target.id) && !isHeld',
    instead: '!isHeld',
    rule: 'what changed on the screen is not approved with the rest'
  },
  {
    ...model('asked'),
    name: 'page-removes-without-the-name',
    text: "verb === 'remove' || verb === 'replace' ||",
    instead: "verb === 'replace' ||",
    rule: 'a person types the name of what they remove'
  },
  {
    ...model('rows'),
    name: 'page-takes-an-older-event',
    text: '  if (look < rows.look) return rows\n',
    instead: '',
    rule: 'an event from before a list changes nothing in it'
  },
  {
    ...model('selection'),
    name: 'page-selection-takes-the-newest-look',
    text: '[[id, before.get(id) ?? row]]',
    instead: '[[id, row]]',
    rule: 'a selection is of what was on the screen'
  },
  {
    ...model('servers'),
    name: 'page-view-says-that-none-is-active',
    text: "keeping === 'log' && !rows.some",
    instead: '!rows.some',
    rule: 'a door that does not show which server is active says nothing of it'
  },
  {
    ...model('servers'),
    name: 'page-server-of-a-view-is-asked',
    text: "keeping !== 'unseen' && url === status.agents.url",
    instead: 'url === status.agents.url',
    rule: 'over the cluster no server is the one that answers'
  },
  {
    ...model('servers'),
    name: 'page-standby-leads-nowhere',
    text: 'leadership?.isActive === false && leadership.active',
    instead: 'leadership?.isActive === true && leadership.active',
    rule: 'a console before a server that stands by leads to the active one'
  },
  {
    ...model('address'),
    name: 'page-tab-begins-with-the-page',
    text: '[name, title, ',
    instead: '[title, name, ',
    rule: 'the tabs of two clusters differ where they can be seen'
  },
  {
    ...model('verbs'),
    name: 'page-control-plane-needs-no-right-of-its-own',
    text: "role === 'control-plane' ? 'approve-control-plane' : verb",
    instead: "role === 'control-plane' && verb === 'reject' ? 'approve-control-plane' : verb",
    rule: 'to let a control plane in is a right of its own'
  }
]
