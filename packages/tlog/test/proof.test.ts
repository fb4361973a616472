import t from 'tap'
import {
  consistencyProof,
  emptyRoot,
  inclusionProof,
  leafHash,
  nodeHash,
  openLog,
  rootAt,
  verifyConsistency,
  verifyInclusion
} from '../src/index.ts'
import { codeOf, flipped, hex, leafAt, leavesUpTo, MadeLog, makeLog, numbersFrom } from './made-log.ts'
import { slowTree } from './slow-tree.ts'

const most = 600
const hashes = leavesUpTo(most).map(leafHash)
const slow = slowTree(hashes)
const hashOf = (index: number) => leafHash(leafAt(index))

/** Places of a list of `count` to look at: all of a short one, else an end or any one. */
const placesIn = (count: number, below: (end: number) => number): number[] =>
  count <= 20 ? [...Array(count).keys()] : [[0, count - 1, below(count), below(count)][count % 4] ?? 0]

t.test('at every size up to 600 proofs are those of the definition, and are taken', async (t) => {
  const made = new MadeLog()
  const below = numbersFrom(1)
  const wrong: string[] = []
  let proofs = 0
  for (let size = 1; size <= most; size += 1) {
    made.append([leafAt(size - 1)])
    const log = await openLog(made.read, made.head)
    const { root } = log
    for (const place of placesIn(size, below)) {
      const inclusion = await inclusionProof(log, place)
      const isThat = hex(Buffer.concat(inclusion)) === hex(Buffer.concat(slow.inclusion(place, size)))
      if (!isThat || !verifyInclusion({ leaf: hashOf(place), index: place, size, root, proof: inclusion })) {
        wrong.push(`leaf ${place} of ${size}`)
      }
      const first = { size: place + 1, root: await rootAt(log, place + 1) }
      const consistency = await consistencyProof(log, first.size)
      const isThis = hex(Buffer.concat(consistency)) === hex(Buffer.concat(slow.consistency(first.size, size)))
      if (!isThis || hex(first.root) !== hex(slow.root(first.size))) wrong.push(`${first.size} to ${size}`)
      if (!verifyConsistency({ first, second: log, proof: consistency })) wrong.push(`${first.size} in ${size}`)
      proofs += 2
    }
  }
  t.same(wrong, [])
  t.ok(proofs > 1_500)
})

t.test('a log proves what it was at an earlier size', async (t) => {
  const made = makeLog(600)
  const log = await openLog(made.read, made.head)
  const [at, size] = [299, 300]
  const root = await rootAt(log, size)
  const proof = await inclusionProof(log, at, size)
  t.same(proof.map(hex), slow.inclusion(at, size).map(hex))
  t.ok(verifyInclusion({ leaf: hashOf(at), index: at, size, root, proof }))
  t.same((await consistencyProof(log, 257, 300)).map(hex), slow.consistency(257, 300).map(hex))
})

t.test('a log of 65,537 leaves has the proofs of the definition', async (t) => {
  const size = 256 * 256 + 1
  const made = makeLog(size)
  const log = await openLog(made.read, made.head)
  const large = slowTree(leavesUpTo(size).map(leafHash))
  for (const index of [0, 255, 256, 65_535, 65_536]) {
    const proof = await inclusionProof(log, index)
    t.same(proof.map(hex), large.inclusion(index, size).map(hex), `leaf ${index}`)
    t.ok(verifyInclusion({ leaf: hashOf(index), index, size, root: log.root, proof }))
  }
  for (const first of [1, 255, 256, 257, 65_535, 65_536]) {
    const proof = await consistencyProof(log, first)
    t.same(proof.map(hex), large.consistency(first, size).map(hex), `${first} leaves`)
    t.ok(verifyConsistency({ first: { size: first, root: large.root(first) }, second: log, proof }))
  }
})

t.test('a proof with a bit, a hash, a place or a size changed is refused', async (t) => {
  const size = 300
  const made = makeLog(size)
  const log = await openLog(made.read, made.head)
  const taken: string[] = []
  for (const index of [0, 17, 255, 256, 298, 299]) {
    const right = { leaf: hashOf(index), index, size, root: log.root, proof: await inclusionProof(log, index) }
    const { proof } = right
    const wrong = {
      'another leaf': { ...right, leaf: hashOf(index + 1) },
      'another root': { ...right, root: flipped(log.root, 3) },
      'the place before': { ...right, index: index - 1 },
      'the place after': { ...right, index: index + 1 },
      'twice the size': { ...right, size: size * 2 },
      'no size': { ...right, size: 0 },
      'half a place': { ...right, index: index + 0.5 },
      'a place after the end': { ...right, index: size },
      'no proof': { ...right, proof: [] },
      'a hash less': { ...right, proof: proof.slice(1) },
      'the last hash less': { ...right, proof: proof.slice(0, -1) },
      'a hash more': { ...right, proof: [...proof, log.root] },
      'a hash before': { ...right, proof: [log.root, ...proof] },
      'another order': { ...right, proof: proof.toReversed() }
    }
    for (const [name, one] of Object.entries(wrong)) if (verifyInclusion(one)) taken.push(`leaf ${index}: ${name}`)
    for (let bit = 0; bit < proof.length * 256; bit += 3) {
      const at = Math.floor(bit / 256)
      const changed = proof.map((hash, place) => (place === at ? flipped(hash, bit % 256) : hash))
      if (verifyInclusion({ ...right, proof: changed })) taken.push(`leaf ${index}: bit ${bit}`)
    }
    if (!verifyInclusion(right)) taken.push(`leaf ${index} itself is not`)
  }
  t.same(taken, [])
})

t.test('a consistency proof with a bit, a hash or a size changed is refused', async (t) => {
  const second = makeLog(300).head
  const made = makeLog(300)
  const log = await openLog(made.read, made.head)
  const taken: string[] = []
  for (const size of [1, 2, 128, 200, 256, 257, 299]) {
    const first = { size, root: await rootAt(log, size) }
    const right = { first, second, proof: await consistencyProof(log, size) }
    const { proof } = right
    const wrong = {
      'another first root': { ...right, first: { size, root: flipped(first.root, 0) } },
      'another second root': { ...right, second: { ...second, root: flipped(second.root, 0) } },
      'a first size': { ...right, first: { ...first, size: size + 1 } },
      'a second size': { ...right, second: { ...second, size: 600 } },
      'a first size that is none': { ...right, first: { ...first, size: -1 } },
      'a second size that is less': { ...right, second: { ...second, size: size - 1 } },
      'the same size': { ...right, first: { ...first, size: 300 } },
      'no leaf': { ...right, first: { ...first, size: 0 } },
      'no proof': { ...right, proof: [] },
      'a hash less': { ...right, proof: proof.slice(1) },
      'the last hash less': { ...right, proof: proof.slice(0, -1) },
      'a hash more': { ...right, proof: [...proof, first.root] }
    }
    for (const [name, one] of Object.entries(wrong)) if (verifyConsistency(one)) taken.push(`${size}: ${name}`)
    for (let bit = 0; bit < proof.length * 256; bit += 3) {
      const at = Math.floor(bit / 256)
      const changed = proof.map((hash, place) => (place === at ? flipped(hash, bit % 256) : hash))
      if (verifyConsistency({ ...right, proof: changed })) taken.push(`${size}: bit ${bit}`)
    }
    if (!verifyConsistency(right)) taken.push(`${size} itself is not`)
  }
  t.same(taken, [])
})

t.test('a proof ends at the root, and not before or after it', async (t) => {
  const [leaf, beside] = [hashOf(0), hashOf(1)]
  const root = nodeHash(leaf, beside)
  t.ok(verifyInclusion({ leaf, index: 0, size: 2, root, proof: [beside] }))
  t.notOk(verifyInclusion({ leaf: root, index: 0, size: 2, root, proof: [] }), 'a node is no leaf')
  t.notOk(verifyInclusion({ leaf: beside, index: 0, size: 1, root, proof: [leaf] }), 'one leaf has no neighbour')
})

t.test('a log is consistent with itself, and with an empty one, without a proof', async (t) => {
  const { head } = makeLog(7)
  const empty = { size: 0, root: emptyRoot }
  t.ok(verifyConsistency({ first: head, second: head, proof: [] }))
  t.ok(verifyConsistency({ first: empty, second: head, proof: [] }))
  t.ok(verifyConsistency({ first: empty, second: empty, proof: [] }))
  t.notOk(verifyConsistency({ first: head, second: head, proof: [head.root] }))
  t.notOk(verifyConsistency({ first: empty, second: head, proof: [head.root] }))
  t.notOk(verifyConsistency({ first: { size: 0, root: head.root }, second: head, proof: [] }))
  t.notOk(verifyConsistency({ first: head, second: { size: 7, root: emptyRoot }, proof: [] }))
})

t.test('there is no proof of what the log does not have', async (t) => {
  const made = makeLog(7)
  const log = await openLog(made.read, made.head)
  t.same(await consistencyProof(log, 0), [])
  t.equal(hex(await rootAt(log, 0)), hex(emptyRoot))
  for (const [index, size] of [
    [7, 7],
    [-1, 7],
    [0, 8],
    [0.5, 7],
    [3, 3],
    [0, 0],
    [Number.NaN, 7]
  ] as const) {
    t.equal(await codeOf(() => inclusionProof(log, index, size)), 'out-of-range', `leaf ${index} of ${size}`)
  }
  for (const [first, second] of [
    [8, 7],
    [-1, 7],
    [7, 8],
    [4, 3],
    [0.5, 7]
  ] as const) {
    t.equal(await codeOf(() => consistencyProof(log, first, second)), 'out-of-range', `${first} to ${second}`)
  }
  t.equal(await codeOf(() => rootAt(log, 8)), 'out-of-range')
})
