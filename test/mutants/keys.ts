import type { Mutant } from './mutant.ts'

const keysFile = {
  file: 'packages/server/src/backup/keys/keys-file.ts',
  killedBy: ['packages/server/test/commands/keys-file.test.ts']
}
const takeKeys = { ...keysFile, file: 'packages/server/src/backup/keys/take-keys.ts' }
const keyChange = {
  file: 'packages/server/src/keys/key-change.ts',
  killedBy: ['packages/server/test/keys/key-change.test.ts']
}

/** The keys of a server: in a file, changed together, rotated. */
export const keys: readonly Mutant[] = [
  {
    ...takeKeys,
    name: 'keys-for-another-cluster',
    text: 'if (here.uid !== of.uid) {',
    instead: 'if (false) {',
    rule: 'a keys file is for its own cluster, and no other'
  },
  {
    ...takeKeys,
    name: 'keys-over-other-keys',
    text: 'if (files.get(name)?.equals(content) === false) {',
    instead: 'if (false) {',
    rule: 'the keys of a host are not replaced by those of a file'
  },
  {
    ...keysFile,
    name: 'keys-that-do-not-fit',
    text: "if (!files.has('ca.key') || !fitEachOther(files)) throw",
    instead: 'if (false) throw',
    rule: 'a keys file whose keys do not fit each other is none'
  },
  {
    ...keyChange,
    name: 'half-a-change-of-keys',
    text: '  await rm(draftOf(state), { recursive: true, force: true })\n  if (!isKeyChangeCut(state)) return\n  for (const name of (await readdir(madeOf(state))).sort()) await place(state, name)\n',
    instead:
      '  await rm(draftOf(state), { recursive: true, force: true })\n  if (!isKeyChangeCut(state)) return\n  await rm(madeOf(state), { recursive: true, force: true })\n  await mkdir(madeOf(state))\n',
    rule: 'a change of keys that counts is finished after a crash'
  },
  {
    ...keyChange,
    name: 'key-that-is-not-removed',
    text: '  await rm(to, { force: true })\n',
    instead: '',
    rule: 'a change of keys removes what it must'
  },
  {
    name: 'attempt-by-the-newest-key',
    file: 'packages/server/src/credentials/token.ts',
    text: 'masterKeys.of(attempt.masterKey)',
    instead: 'masterKeys.of((masterKeys as unknown as { newest?: string }).newest)',
    rule: 'an attempt keeps the master key that it began with',
    killedBy: ['test/journeys/keys/rotate-keys.test.ts']
  },
  {
    name: 'needed-key-deleted',
    file: 'packages/server/src/retention/old-master-keys.ts',
    text: 'return keys.filter(({ file }) => !named.has(idOfMasterKey(file)))',
    instead: 'return [...keys]',
    rule: 'a master key stays while an open attempt names it',
    killedBy: ['packages/server/test/retention/old-master-keys.test.ts', 'test/journeys/keys/rotate-keys.test.ts']
  },
  {
    name: 'any-announced-pin-followed',
    file: 'packages/cli/src/kubernetes/pin/judge-pin.ts',
    text: "kept.proven === pin ? 'followed'",
    instead: "kept.proven !== undefined ? 'followed'",
    rule: 'only the pin that the CA of the kept one signed is followed',
    killedBy: ['packages/cli/test/kubernetes/pins.test.ts']
  },
  {
    name: 'old-pin-trusted-for-ever',
    file: 'packages/agent/src/pairing/pins.ts',
    text: 'await keep({ pin })',
    instead: 'await keep({ pin, next: configured.pin })',
    rule: 'after the next key is there, the old one is trusted no more',
    killedBy: ['packages/agent/test/pairing/pins.test.ts', 'test/journeys/keys/rotate-ca.test.ts']
  },
  {
    name: 'pins-of-another-configuration',
    file: 'packages/agent/src/pairing/pins.ts',
    text: 'of === configured && present',
    instead: 'present',
    rule: 'what was announced counts only beside the pin that a person configured',
    killedBy: ['packages/agent/test/pairing/pins.test.ts']
  }
]
