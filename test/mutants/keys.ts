import type { Mutant } from './mutant.ts'

const keysFile = {
  file: 'packages/server/src/adapters/sqlite/backup/keys/keys-file.ts',
  killedBy: ['packages/server/test/commands/keys-file.test.ts']
}
const takeKeys = { ...keysFile, file: 'packages/server/src/adapters/sqlite/backup/keys/take-keys.ts' }
const keyChange = {
  file: 'packages/server/src/core/keys/key-change.ts',
  killedBy: ['packages/server/test/core/keys/key-change.test.ts']
}

const knownPins = { file: 'packages/agent/src/pairing/known-pins.ts' }
const pins = { file: 'packages/agent/src/pairing/pins.ts', killedBy: ['packages/agent/test/pairing/pins.test.ts'] }
const authorityKeys = {
  file: 'packages/server/src/core/keys/authority-keys.ts',
  killedBy: ['packages/server/test/core/keys/authority-keys.test.ts']
}
const leaf = {
  file: 'packages/server/src/core/keys/leaf.ts',
  killedBy: ['packages/server/test/core/keys/renew-leaf.test.ts']
}
const rotateAuthority = {
  file: 'packages/server/src/core/leadership/rotation/rotate-authority.ts',
  killedBy: ['packages/server/test/core/leadership/rotation/rotate-authority.test.ts']
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
    text: '  for (const name of (await readdir(madeOf(state))).sort()) await place(state, name)\n',
    instead: '  await rm(madeOf(state), { recursive: true, force: true })\n  await mkdir(madeOf(state))\n',
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
    ...keyChange,
    name: 'change-through-a-link',
    text: 'if (!(await lstat(madeOf(state))).isDirectory()) {',
    instead: 'if (false) {',
    rule: 'root takes no file out of a folder that the user of the server names by a link'
  },
  {
    ...authorityKeys,
    name: 'ca-key-of-the-server',
    text: 'owner: isAuthorityKey(name) ? undefined : await ownerFor(folder)',
    instead: 'owner: await ownerFor(folder)',
    rule: 'a key of a CA that root writes is root’s'
  },
  {
    ...authorityKeys,
    name: 'next-ca-key-of-the-server',
    text: "= ['ca.key', nextAuthorityFiles.key] as const",
    instead: "= ['ca.key'] as unknown as readonly ['ca.key', 'ca-next.key']",
    rule: 'so is the key of the CA that comes next'
  },
  {
    ...authorityKeys,
    name: 'ca-key-not-taken',
    text: '      await handle.chown(0, 0)\n',
    instead: '',
    rule: 'a key of a CA that the server could read becomes root’s'
  },
  {
    ...authorityKeys,
    file: 'packages/server/src/core/keys/plain-file.ts',
    name: 'ca-key-through-a-link',
    text: 'constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK',
    instead: 'constants.O_RDONLY | constants.O_NONBLOCK',
    rule: 'root follows no link out of the folder of the server'
  },
  {
    name: 'ca-key-opened-by-the-server',
    file: 'packages/server/src/core/keys/state-keys.ts',
    text: "  const certificateAuthority = await certificate(join(state, 'ca.crt'))\n",
    instead:
      "  const certificateAuthority = await certificate(join(state, 'ca.crt'))\n  await readAuthorityPair(state, 'ca.key', certificateAuthority)\n",
    rule: 'the serving process never opens the key of its CA',
    killedBy: ['packages/server/test/program/start.process.test.ts']
  },
  {
    ...leaf,
    name: 'leaf-renewed-too-late',
    text: 'if (left < renewBefore) return',
    instead: 'if (left < 0) return',
    rule: 'a leaf is renewed 30 days before its end'
  },
  {
    ...leaf,
    name: 'leaf-that-lives-too-long',
    text: 'if (left > (leafDays + 1) * day) return',
    instead: 'if (false) return',
    rule: 'a leaf of an earlier version does not live on for a year'
  },
  {
    ...leaf,
    name: 'leaf-of-another-key',
    text: 'if (!leaf.checkPrivateKey(createPrivateKey(key))) return',
    instead: 'if (false) return',
    rule: 'half of a pair that a crash left is made again'
  },
  {
    ...leaf,
    file: 'packages/server/src/core/keys/ensure-leaf.ts',
    name: 'leaf-with-its-old-key',
    text: '  const fresh = key ?? makeKey()\n',
    instead: "  const fresh = key ?? (await readPlainFile(join(folder, 'tls.key'))) ?? makeKey()\n",
    rule: 'who stole the key of a leaf has nothing of the next one'
  },
  {
    ...leaf,
    file: 'packages/server/src/core/keys/ensure-leaf.ts',
    name: 'leaf-run-that-places-keys-for-ever',
    text: 'tries > 0 && flaw === ofAnotherKey ? files.key : undefined',
    instead: 'tries < 0 ? files.key : undefined',
    rule: 'of several runs each places one key, so that they come to rest'
  },
  {
    ...leaf,
    file: 'packages/server/src/core/keys/ensure-leaf.ts',
    name: 'leaf-run-that-does-not-look-again',
    text: '    if (flaw === undefined) {\n',
    instead: '    if (flaw === undefined || tries > 0) {\n',
    rule: 'of several runs the last one leaves a leaf with its own key'
  },
  {
    ...leaf,
    file: 'packages/server/src/core/keys/renew-leaf.ts',
    name: 'leaf-renewed-in-a-cut-change',
    text: 'if (isKeyChangeCut(state)) {',
    instead: 'if (false) {',
    rule: 'nothing is renewed by half of a change of the keys'
  },
  {
    name: 'half-a-leaf-served',
    file: 'packages/server/src/front/http/agents-tls.ts',
    text: 'if (flaw !== undefined) throw',
    instead: 'if (false) throw',
    rule: 'a leaf that is for another key is not served',
    killedBy: ['packages/server/test/program/start.process.test.ts']
  },
  {
    ...rotateAuthority,
    name: 'next-pin-not-signed',
    text: '        [nextPinFile, await nextPinText(own, next)]\n',
    instead: '',
    rule: 'the CA signs the pin of the one that comes next'
  },
  {
    ...rotateAuthority,
    name: 'next-pin-after-the-end',
    text: "        [nextAuthorityFiles.certificate, ''],\n        [nextPinFile, '']\n",
    instead: "        [nextAuthorityFiles.certificate, '']\n",
    rule: 'after the end of a rotation no pin comes next'
  },
  {
    ...rotateAuthority,
    name: 'leaf-of-the-old-ca',
    text: '    await ensureLeaf(state, { wanted: [], machine: machineAddresses(), published }, now, print)\n',
    instead: '',
    rule: 'the leaf is by the CA that came next'
  },
  {
    ...keysFile,
    file: 'packages/server/src/adapters/sqlite/backup/keys/take-keys.ts',
    name: 'next-pin-lost-with-the-keys',
    text: 'change.set(nextPinFile, nextPin)',
    instead: 'change',
    rule: 'whoever takes the keys of two CAs names the next pin'
  },
  {
    name: 'attempt-by-the-newest-key',
    file: 'packages/server/src/core/credentials/token.ts',
    text: 'masterKeys.of(attempt.masterKey)',
    instead: 'masterKeys.of((masterKeys as unknown as { newest?: string }).newest)',
    rule: 'an attempt keeps the master key that it began with',
    killedBy: ['test/journeys/keys/rotate-keys.test.ts']
  },
  {
    name: 'needed-key-deleted',
    file: 'packages/server/src/core/retention/old-master-keys.ts',
    text: 'return keys.filter(({ file }) => !named.has(idOfMasterKey(file)))',
    instead: 'return [...keys]',
    rule: 'a master key stays while an open attempt names it',
    killedBy: ['packages/server/test/core/retention/old-master-keys.test.ts', 'test/journeys/keys/rotate-keys.test.ts']
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
    ...knownPins,
    name: 'old-pin-trusted-for-ever',
    text: '? { pin } : known',
    instead: '? known : known',
    rule: 'after the next key is there, the old one is trusted no more',
    killedBy: ['packages/agent/test/pairing/known-pins.test.ts', 'test/journeys/keys/rotate-ca.test.ts']
  },
  {
    ...knownPins,
    name: 'announced-for-ever',
    text: "  if (word === 'nothing') return { pin, ...given({ denied }) }\n",
    instead: "  if (word === 'nothing' || word === 'none') return known\n",
    rule: 'a next pin that the server does not say any more counts no more',
    killedBy: [
      'packages/agent/test/pairing/known-pins.test.ts',
      'packages/agent/test/pairing/pins.test.ts',
      'test/journeys/trust/taken-over.test.ts'
    ]
  },
  {
    ...knownPins,
    name: 'configured-next-pin-for-ever',
    text: 'nextPin !== pin && nextPin !== denied',
    instead: 'nextPin !== pin',
    rule: 'a next pin of the configuration goes if the server does not say it',
    killedBy: ['packages/agent/test/pairing/known-pins.test.ts', 'packages/agent/test/pairing/pins.test.ts']
  },
  {
    ...knownPins,
    name: 'configured-next-pin-beside-another',
    text: 'pin === configured.pin && nextPin',
    instead: 'nextPin',
    rule: 'the next pin of the configuration counts only beside its pin',
    killedBy: ['packages/agent/test/pairing/known-pins.test.ts']
  },
  {
    ...pins,
    name: 'pins-of-another-configuration',
    text: 'of !== configured || present',
    instead: 'present',
    rule: 'what was announced counts only beside the pin that a person configured'
  },
  {
    ...pins,
    name: 'next-pin-of-an-earlier-agent',
    text: 'const signed = await openNextPin(String(next), present).catch(() => undefined)',
    instead: 'const signed = readPin(next)',
    rule: 'a kept next pin counts only by the signature of the present CA'
  },
  {
    ...pins,
    name: 'next-pin-before-the-disk',
    text: '          await keep(after)\n          known = after\n        } else {',
    instead: '          known = after\n          await keep(after)\n        } else {',
    rule: 'a next pin is told to be known only if the disk has it'
  },
  {
    ...pins,
    name: 'denied-after-the-disk',
    text: '          known = after\n          await keep(after)\n        }\n      })',
    instead: '          await keep(after)\n          known = after\n        }\n      })',
    rule: 'what is not said any more counts no more, though the disk takes no note'
  },
  {
    ...pins,
    name: 'late-word-by-the-old-key',
    text: '        if (pin !== before.pin) return\n',
    instead: '',
    rule: 'only a server with the present key says which one is next'
  },
  {
    ...pins,
    name: 'next-pins-without-an-end',
    text: '          if (announced >= most) return\n',
    instead: '',
    rule: 'a server cannot make an agent write for ever'
  },
  {
    name: 'next-key-anywhere',
    file: 'packages/agent/src/pairing/pins.ts',
    text: 'next !== undefined && nextCounts(url, pins.pin)',
    instead: 'next !== undefined',
    rule: 'at an address that was only learned the next pin does not count',
    killedBy: [
      'packages/agent/test/pairing/pins.test.ts',
      'packages/agent/test/pairing/servers/any-server.test.ts',
      'test/journeys/trust/taken-over.test.ts'
    ]
  }
]
