import type { Mutant } from './mutant.ts'

/** A file of the package, and the tests that must fail. */
const at = (file: string, ...tests: string[]) => ({
  file: `packages/tlog/src/${file}.ts`,
  killedBy: (tests.length > 0 ? tests : [file]).map((test) => `packages/tlog/test/${test}.test.ts`)
})

/** A leaf that was changed, taken out or moved is found, and a tail that was cut or rewritten. */
export const tlog: readonly Mutant[] = [
  {
    ...at('hash', 'known-trees'),
    name: 'leaf-that-passes-for-a-node',
    text: '[Uint8Array.of(0), Uint8Array.of(1)]',
    instead: '[Uint8Array.of(0), Uint8Array.of(0)]',
    rule: 'a leaf that has the bytes of a node does not have its hash'
  },
  {
    ...at('base64', 'note', 'checkpoint'),
    name: 'base64-with-loose-ends',
    text: "bytes.toString('base64') === text ? bytes : undefined",
    instead: 'bytes',
    rule: 'what was read is encoded again, and must be what came'
  },
  {
    ...at('key'),
    name: 'key-with-another-id',
    text: '  if (id !== idOf(name, typed)) throw malformed()\n',
    instead: '',
    rule: 'the id of a verifier key is that of its name and key'
  },
  {
    ...at('note'),
    name: 'signature-not-verified',
    text: 'if (!verify(null, bytes, verifier.key, signature)) {',
    instead: 'if (false) {',
    rule: 'a signature counts only if the key made it'
  },
  {
    ...at('note'),
    name: 'note-that-nobody-signed',
    text: 'if (signers.size === 0) {',
    instead: 'if (false) {',
    rule: 'a note is signed by a key that is known'
  },
  {
    ...at('note'),
    name: 'signature-under-another-name',
    text: 'if (verifier.name !== name || verifier.id !== id) continue',
    instead: 'if (verifier.id !== id) continue',
    rule: 'a key is known by its name and its id'
  },
  {
    ...at('note'),
    name: 'note-without-end',
    text: 'if (note.length > noteAtMost) throw',
    instead: 'if (false) throw',
    rule: 'a note that is too long is not read'
  },
  {
    ...at('checkpoint'),
    name: 'checkpoint-of-another-log',
    text: 'if (checkpoint.origin !== verifier.name) {',
    instead: 'if (false) {',
    rule: 'the checkpoint of a log is not taken for that of another'
  },
  {
    ...at('checkpoint'),
    name: 'size-in-other-words',
    text: '!/^(?:0|[1-9]\\d{0,15})$/.test(count) || !Number.isSafeInteger(size)',
    instead: '!Number.isSafeInteger(size)',
    rule: 'a size has one way to be written'
  },
  {
    ...at('tile'),
    name: 'leaf-longer-than-its-length',
    text: 'if (length > leafSizeAtMost) {',
    instead: 'if (false) {',
    rule: 'a leaf that is too large for its length is refused'
  },
  {
    ...at('tile'),
    name: 'bundle-that-ends-within-a-leaf',
    text: '    if (end > bytes.length) return undefined\n',
    instead: '',
    rule: 'a bundle that is cut is not read'
  },
  {
    ...at('append'),
    name: 'append-to-another-log',
    text: '  if (!fits) throw damaged(tree.size)\n',
    instead: '',
    rule: 'an append goes on only from the leaves that the tree was made of'
  },
  {
    ...at('read', 'read', 'verify'),
    name: 'tile-without-a-parent',
    text: 'if (expected === undefined || !isSameHash(rootOfHashes(hashes), expected)) {',
    instead: 'if (expected === undefined) {',
    rule: 'a tile gives the hash that the tile above has for it'
  },
  {
    ...at('read'),
    name: 'edge-without-a-root',
    text: '  if (!isSameHash(rootOfEdge(edge), root)) throw rootDiffers(size)\n',
    instead: '',
    rule: 'the right edge gives the root of the checkpoint'
  },
  {
    ...at('read', 'read', 'verify'),
    name: 'leaf-not-compared',
    text: '    if (finding !== undefined) throw new LogProblem(finding)\n',
    instead: '',
    rule: 'a leaf is compared with its hash before it is given out'
  },
  {
    ...at('judge-leaves', 'verify'),
    name: 'leaf-more-than-the-log-has',
    text: 'if (found.length === count) return',
    instead: 'return',
    rule: 'a bundle has no leaf that is not in the log'
  },
  {
    ...at('proof'),
    name: 'proof-that-ends-below-the-root',
    text: '  return last === 0\n',
    instead: '  return true\n',
    rule: 'a proof does not end before the root'
  },
  {
    ...at('proof'),
    name: 'proof-that-goes-on-above-the-root',
    text: '    if (last === 0) return false\n',
    instead: '',
    rule: 'a proof does not go on after the root'
  },
  {
    ...at('proof'),
    name: 'consistent-with-any-earlier-log',
    text: 'ended && isSameHash(old, first.root) && isSameHash(young, second.root)',
    instead: 'ended && isSameHash(young, second.root)',
    rule: 'a consistency proof gives the earlier root, too'
  },
  {
    ...at('proof-text'),
    name: 'proof-not-verified',
    text: 'if (!verifyInclusion({',
    instead: 'if (false && !verifyInclusion({',
    rule: 'a proof shows its leaf under its checkpoint'
  },
  {
    ...at('verify'),
    name: 'rewritten-and-not-seen',
    text: 'if (isSameHash(root, head.root)) same = head.size',
    instead: 'if (root) same = head.size',
    rule: 'a checkpoint that was kept fits the leaves of the log'
  },
  {
    ...at('verify'),
    name: 'cut-and-not-seen',
    text: '    if (head.size > size) findings.add(tailCut(head, size))\n',
    instead: '',
    rule: 'a log has at least the leaves of each checkpoint that was kept'
  },
  {
    ...at('verify'),
    name: 'fork-and-not-seen',
    text: '    if (other !== undefined) findings.add(fork(head, other))\n',
    instead: '',
    rule: 'two checkpoints of one size say the same'
  },
  {
    ...at('verify'),
    name: 'leaves-counted-without-a-root',
    text: 'leaves: trusted ? leaves : 0',
    instead: 'leaves',
    rule: 'a leaf counts only if the checkpoint signs it'
  },
  {
    ...at('verify'),
    name: 'findings-without-end',
    text: 'return this.all.length >= findingsAtMost',
    instead: 'return false',
    rule: 'the list of what is wrong ends'
  },
  {
    ...at('verify'),
    name: 'leaves-that-nobody-has',
    text: 'Math.max(index, Math.floor((wrong?.last ?? 0) / tileWidth)) + 1',
    instead: 'index + 1',
    rule: 'a checkpoint of more leaves than there are tiles keeps nobody busy'
  },
  {
    ...at('folder'),
    name: 'tile-without-end',
    text: 'Math.min(size, tileSizeAtMost + 1)',
    instead: 'size',
    rule: 'a file that is larger than any tile is not read whole'
  }
]
