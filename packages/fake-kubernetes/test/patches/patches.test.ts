import t from 'tap'
import { parse } from 'yaml'
import { jsonPatch } from '../../src/patches/json-patch.ts'
import { mergePatch } from '../../src/patches/merge-patch.ts'
import { strategicMerge } from '../../src/patches/strategic-merge.ts'

/** Tests of `patch`, one a line: what it does, the object, the patch and the object after it, as YAML. */
const table = (name: string, patch: (object: unknown, patch: unknown) => unknown, lines: string): void => {
  for (const line of lines.trim().split('\n')) {
    const [what = '', ...texts] = line.split(' | ')
    t.test(`${name} ${what.trim()}`, async (t) => {
      const [object, change, after] = texts.map((text) => parse(text))
      t.same(patch(object, change), after)
      t.same(object, parse(texts[0] ?? ''), 'the object is as it was')
    })
  }
}

table(
  'a merge patch',
  mergePatch,
  `
  sets, deletes and goes deeper | {a: {b: 1, c: 2}, d: 3} | {a: {b: null, e: 4}} | {a: {c: 2, e: 4}, d: 3}
  drops nulls of a new map | {} | {a: {b: null, c: 1}} | {a: {c: 1}}
`
)

table(
  'a JSON patch',
  jsonPatch,
  `
  tests and replaces | {a: {h: x}} | [{op: test, path: /a/h, value: x}, {op: replace, path: /a, value: 1}] | {a: 1}
  adds to lists | {a: [1]} | [{op: add, path: /a/-, value: 2}, {op: add, path: /a/0, value: 0}] | {a: [0, 1, 2]}
  counts from the end | {a: [1, 2]} | [{op: replace, path: /a/-2, value: 0}] | {a: [0, 2]}
  reads escapes | {'a/b~c': 1} | [{op: remove, path: /a~1b~0c}] | {}
  moves | {a: {b: 1}} | [{op: move, from: /a/b, path: /d}] | {a: {}, d: 1}
  copies | {a: {b: 1}} | [{op: copy, from: /a, path: /c}, {op: remove, path: /a/b}] | {a: {}, c: {b: 1}}
  replaces in a list | {a: [1, 2]} | [{op: replace, path: /a/1, value: 5}, {op: remove, path: /a/0}] | {a: [5]}
  replaces a field that is not there | {a: {}} | [{op: replace, path: /a/b, value: 1}] | {a: {b: 1}}
  takes null for an absent field | {} | [{op: test, path: /a, value: null}] | {}
`
)

const message = 'the server rejected our request due to an error in our request'
const failing =
  '{op: test, path: /a, value: 2} | {op: add, path: /b/c} | {op: remove, path: /b} | {op: add, path: /l/2}'
const unknown = "{op: add, path: ''} | {op: increase, path: /a}"
t.test('a JSON patch is refused if one of its operations fails', async (t) => {
  for (const step of `${failing} | ${unknown}`.split(' | ')) {
    const refused = { code: 422, reason: 'Invalid', message, details: {} }
    t.throws(() => jsonPatch({ a: 1, l: [0] }, [parse(step)]), refused, step)
  }
})

t.test('a JSON patch is a list of operations, of at most 10,000', async (t) => {
  t.throws(() => jsonPatch({}, {}), { code: 400, message: /^error decoding patch: / })
  const found = 'Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001'
  t.throws(() => jsonPatch({}, Array(10_001).fill({})), { code: 413, reason: 'RequestEntityTooLarge', message: found })
})

const node = { group: '', mergeKeys: { c: ['type'], f: [] } }
table(
  'a strategic merge patch',
  (object, patch) => strategicMerge(node, object, patch),
  `
  merges items by their key | {c: [{type: A, x: 1}, 0]} | {c: [{type: A, y: 2}]} | {c: [{type: A, x: 1, y: 2}, 0]}
  adds items | {c: [{type: A}]} | {c: [{type: B}]} | {c: [{type: A}, {type: B}]}
  adds a list | {} | {c: [{type: A, x: null}, {type: B, $patch: delete}]} | {c: [{type: A}]}
  deletes items | {c: [{type: A}, {type: B}]} | {c: [{type: A, $patch: delete}]} | {c: [{type: B}]}
  replaces items | {c: [{type: A}]} | {c: [{$patch: replace}, {type: B}]} | {c: [{type: B}]}
  sets the order | {f: [a, b, c]} | {$setElementOrder/f: [c, a]} | {f: [c, b, a]}
  replaces a list without keys | {x: [1, 2]} | {x: [3]} | {x: [3]}
  adds plain values | {f: [a]} | {f: [b, a]} | {f: [a, b]}
  deletes plain values | {f: [a, b]} | {$deleteFromPrimitiveList/f: [a], $setElementOrder/f: [b]} | {f: [b]}
  replaces a map | {m: {a: 1}} | {m: {$patch: replace, b: 2}} | {m: {b: 2}}
  empties a map | {m: {a: 1}} | {m: {$patch: delete}} | {m: {}}
  retains keys | {m: {a: 1, b: 2}} | {m: {$retainKeys: [a, c], c: 3}} | {m: {a: 1, c: 3}}
  deletes fields | {m: {a: 1, b: 2}} | {m: {a: null}} | {m: {b: 2}}
`
)

t.test('a custom resource takes no strategic merge patch', async (t) => {
  const media = 'application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml'
  const message = `the body of the request was in an unknown format - accepted media types include: ${media}`
  t.throws(() => strategicMerge({ ...node, group: 'joinery.dev' }, {}, {}), { code: 415, message })
  t.same(strategicMerge({ ...node, group: 'coordination.k8s.io' }, {}, {}), {})
})
