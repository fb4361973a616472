import type { Mutant } from './mutant.ts'

const several = 'packages/server/test/core/leadership/rotation/several-servers.test.ts'
const decision = 'packages/server/test/core/leadership/decide-rotation.test.ts'
const onCluster = 'packages/server/test/program/run-on-cluster.test.ts'
const servers = 'packages/server/test/core/leadership/servers.test.ts'
const deciders = { file: 'packages/server/src/core/leadership/decide-rotation.ts', killedBy: [decision, several] }
const words = {
  file: 'packages/server/src/core/leadership/authority-word.ts',
  killedBy: ['packages/server/test/core/leadership/authority-word.test.ts']
}
const command = { file: 'packages/server/src/core/leadership/rotation/rotate-authority.ts', killedBy: [several] }
const keysFile = {
  file: 'packages/server/src/adapters/sqlite/backup/keys/take-keys.ts',
  killedBy: ['packages/server/test/commands/keys-file.test.ts']
}

/** A rotation of the CA while several servers run. */
export const rotation: readonly Mutant[] = [
  {
    file: 'packages/server/src/core/leadership/presence-mac.ts',
    killedBy: [servers, several],
    name: 'authority-without-mac',
    text: '...(authority === undefined ? [] : [authority])',
    instead: '',
    rule: 'only a server itself says which CAs its host has'
  },
  {
    ...words,
    name: 'earlier-authority-counts',
    text: 'word.from > own.from)',
    instead: 'word.from < own.from)',
    rule: 'of two CAs the later one counts'
  },
  {
    ...words,
    name: 'both-authorities-of-one-second',
    text: 'word.from === own.from ? word.pin > own.pin :',
    instead: 'word.from === own.from ? false :',
    rule: 'of two CAs that began at once exactly one counts'
  },
  {
    ...deciders,
    name: 'finished-without-who-is-there',
    text: 'if (there.length > 0) return refuse(there)',
    instead: '',
    rule: 'no CA is put in place while a server that is there lacks it',
    killedBy: [...deciders.killedBy, 'test/journeys/trust/rotate-under-load.test.ts']
  },
  {
    ...deciders,
    name: 'finished-at-the-first-look',
    text: 'isThere === undefined))',
    instead: 'isThere === true))',
    rule: 'one look alone does not tell that a server is away'
  },
  {
    ...deciders,
    killedBy: [decision],
    name: 'finish-stops-half-way',
    text: 'if (!others.some(({ word }) => word?.pin === own.next)) {',
    instead: 'if (others.length > 0) {',
    rule: 'once one host has the next CA in place, nobody waits for anybody'
  },
  {
    ...deciders,
    name: 'away-of-no-avail',
    text: 'lacking.filter(({ url }) => !away.includes(url))',
    instead: 'lacking',
    rule: 'root can say of a server that it does not count'
  },
  {
    ...deciders,
    killedBy: [decision],
    name: 'finish-over-another-authority',
    text: 'if (ofAnother.length > 0) return refuse(ofAnother)',
    instead: '',
    rule: 'a next CA is not put in place beside a later one of another host'
  },
  {
    file: 'packages/server/src/core/leadership/rotation/watched-servers.ts',
    killedBy: [several],
    name: 'away-for-ever-there',
    text: 'if (now - since >= presenceTimes.awayAfter) return false',
    instead: 'if (now - since >= presenceTimes.awayAfter) return true',
    rule: 'a server whose Lease nobody renews is away after half a minute'
  },
  {
    ...command,
    name: 'next-authority-of-each-host',
    text: '    await requireAbreast(keys, others)\n',
    instead: '',
    rule: 'one host makes the next CA, and the others take it'
  },
  {
    ...command,
    name: 'next-authority-by-a-slow-clock',
    text: 'later(now, own.certificate)',
    instead: 'now',
    rule: 'a next CA is later than the present one, whatever the clock says'
  },
  {
    file: 'packages/server/src/core/leadership/decide-lease.ts',
    killedBy: ['packages/server/test/core/leadership/decide-lease.test.ts'],
    name: 'lease-by-an-earlier-authority',
    text: "  if (isBarred) return { act: 'wait', milliseconds: leaseTimes.renewEach }\n",
    instead: '',
    rule: 'a server with an earlier CA than another one takes no Lease'
  },
  {
    file: 'packages/server/src/program/run-on-cluster.ts',
    killedBy: [onCluster, 'test/journeys/trust/rotate-several.test.ts'],
    name: 'takes-over-by-an-earlier-authority',
    text: 'isBarred: () => servers.replaced !== undefined',
    instead: 'isBarred: () => false',
    rule: 'a host that missed a rotation stands by'
  },
  {
    file: 'packages/server/src/program/run-on-cluster.ts',
    killedBy: [onCluster],
    name: 'hand-over-in-disorder',
    text: 'void close().finally(() => endDeposed(reason))',
    instead: 'endDeposed(reason)',
    rule: 'a server with an earlier CA hands over in good order'
  },
  {
    file: 'packages/server/src/program/standby.ts',
    killedBy: [onCluster],
    name: 'word-of-a-server-that-missed-it',
    text: 'servers.isAbreast ? servers.others() : undefined',
    instead: 'servers.others()',
    rule: 'a server that missed a rotation makes no machine drop the next pin'
  },
  {
    file: 'packages/server/src/core/leadership/servers.ts',
    killedBy: [servers],
    name: 'word-of-a-server-cut-off',
    text: 'return isFresh && aheadOf',
    instead: 'return aheadOf',
    rule: 'a server that has not seen the others for half a minute says nothing of the next pin'
  },
  {
    ...keysFile,
    name: 'later-authority-of-anybody',
    text: '!isSame || ',
    instead: '',
    rule: 'a keys file brings a later CA to the same installation only'
  },
  {
    ...keysFile,
    name: 'earlier-authority-from-a-keys-file',
    text: ' || !isLater(wordOf(files), wordOf(there))',
    instead: '',
    rule: 'no keys file goes back behind a rotation'
  }
]
