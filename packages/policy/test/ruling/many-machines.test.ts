import { join } from 'node:path'
import type { Role } from '@joinery/protocol'
import { enrolment as shown } from '@joinery/testing/command/fixtures'
import t from 'tap'
import { WorkerEngine } from '../../src/cel/engine.ts'
import { loadPolicy } from '../../src/document/load-policy.ts'
import { readText } from '../../src/document/read-text.ts'
import { judgeMachine } from '../../src/ruling/judge-machine.ts'
import type { Judged, JudgedCode } from '../../src/words/evidence.ts'

const machines = 500
const now = new Date('2026-11-27T09:00:00Z')

/** Numbers that a seed repeats: mulberry32. */
const numbersFrom = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
}

const inventory = Array.from({ length: 40 }, (_, index) => `CZ2D${1500 + index}XF`)
const keys = Array.from({ length: 10 }, (_, index) => `sha256:${index.toString(16).repeat(64)}`)

const policy = `mode: enforce
inventories:
  rack7: { file: rack7.txt }
  keys: { values: [${keys.map((key) => `"${key}"`).join(', ')}] }
rules:
- name: never-from-outside
  verdict: reject
  when: '!(inCidr(seen.address, "10.0.0.0/8") || inCidr(seen.address, "2001:db8::/32"))'
- name: old-kubelets-wait
  verdict: hold
  when: '!machine.kubelet.matches("^v1[.]3[67][.]")'
- name: known-keys
  verdict: approve
  roles: [worker, control-plane]
  when: inInventory(seen.key, "keys")
- name: rack-7
  verdict: approve
  when: |
    inInventory(machine.serial, "rack7") && inCidr(seen.address, "10.7.0.0/16")
      && code.from.exists(n, n == "10.7.0.0/16")
- name: labelled
  verdict: approve
  when: code.labels.rack == "r9" && machine.cpus >= 4
- name: small-by-day
  verdict: approve
  quota: 100
  between: { from: "08:00", to: "18:00" }
  when: machine.cpus <= 2 && machine.macs.exists(m, m.startsWith("52:54:00:"))
`

interface Made {
  enrolment: Judged
  code: JudgedCode | undefined
}

/** A machine of any kind: most are ordinary, and each has something else about it. */
const machineFrom = (number: number, next: () => number): Made => {
  const one = <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)] as T
  const often = (share: number): boolean => next() < share
  const role: Role = often(0.15) ? 'control-plane' : 'worker'
  const address = one([
    `10.7.0.${number % 250}`,
    `10.9.1.${number % 250}`,
    `2001:db8::${number}`,
    `192.0.2.${number % 250}`,
    'not an address'
  ])
  const labels = one([undefined, { rack: 'r9' }, { rack: 'r8' }, { rack: 'r9', row: '1' }])
  const id = `c${number}`
  return {
    enrolment: {
      ...shown,
      id: `e${number}`,
      role,
      name: `node-${number}`,
      code: id,
      address,
      key: often(0.2) ? one(keys) : `sha256:${'f'.repeat(63)}${number % 10}`,
      facts: {
        ...shown.facts,
        serial: one([
          one(inventory),
          one(inventory).toLowerCase(),
          '',
          'stranger',
          `${one(inventory)}\u0000`,
          '") || true || ("'
        ]),
        cpus: one([1, 2, 4, 64]),
        kubelet: one(['v1.37.2', 'v1.37.2', 'v1.36.0', 'v1.35.9', '', 'v1.37.2\n']),
        macs: one([[], ['52:54:00:00:00:01'], ['aa:bb:cc:00:00:01', '52:54:00:00:00:02'], ['52-54-00']])
      },
      preflight: often(0.1) ? [{ name: one(['swap', 'unique-machine']), verdict: 'fail', finding: '' }] : [],
      conflicts: [],
      ...(labels && { labels }),
      ...(often(0.05) && { nameConflict: 'Node of that name' }),
      ...(often(0.05) && { former: { enrolment: 'e0' } })
    },
    code: often(0.05) ? undefined : { id, role, from: one([[], ['10.7.0.0/16'], ['10.0.0.0/8']]), proof: often(0.8) }
  }
}

/** The same policy in plain code, written apart from the rules: verdict, and the rule that decides. */
const expected = ({ enrolment, code }: Made): [verdict: string, rule: string | undefined] => {
  const { facts, address, key, role, labels = {}, preflight, nameConflict, former } = enrolment
  const isDoubtful = preflight.length > 0 || nameConflict !== undefined || former !== undefined
  const approve = (rule: string): [string, string] => [isDoubtful ? 'hold' : 'approve', rule]
  // what the code says is the word of whoever made it
  const approveByCode = (rule: string): [string, string] => (code?.proof ? approve(rule) : ['hold', rule])
  const isInside = address.startsWith('10.') || address.startsWith('2001:db8:')
  if (!isInside) return ['reject', 'never-from-outside']
  const [, minor = '0'] = /^v1\.(\d+)\./.exec(facts.kubelet) ?? []
  if (minor !== '36' && minor !== '37') return ['hold', 'old-kubelets-wait']
  if (keys.includes(key)) return approve('known-keys')
  // every other approval is for workers
  if (role === 'control-plane') return ['hold', undefined]
  const isOfRack = inventory.some((serial) => serial === facts.serial.toUpperCase()) && address.startsWith('10.7.0.')
  if (isOfRack) {
    // nobody can judge what the code asks for if there is no code
    if (code === undefined) return ['hold', 'rack-7']
    if ((code.from ?? []).includes('10.7.0.0/16')) return approveByCode('rack-7')
  }
  // nor a label that is not there: machines without any are held by the rule that asks
  if (labels.rack === undefined) return facts.cpus >= 4 ? ['hold', 'labelled'] : bySize()
  if (labels.rack === 'r9' && facts.cpus >= 4) return approveByCode('labelled')
  return bySize()

  function bySize(): [string, string | undefined] {
    const isSmall = facts.cpus < 3 && facts.macs.some((mac) => mac.slice(0, 9) === '52:54:00:')
    return isSmall ? approve('small-by-day') : ['hold', undefined]
  }
}

for (const seed of [1, 7]) {
  t.test(
    `among ${machines} machines a policy approves what it should, and holds what it cannot judge: seed ${seed}`,
    async (t) => {
      const engine = new WorkerEngine()
      t.teardown(() => engine.close())
      const folder = t.testdir({ 'policy.yaml': policy, 'rack7.txt': `${inventory.join('\n')}\n` })
      const loaded = await loadPolicy(join(folder, 'policy.yaml'), engine, readText)
      if (!('policy' in loaded)) return t.fail('the policy is wrong', { loaded })
      const next = numbersFrom(seed)
      const counts: Record<string, number> = {}
      const others: unknown[] = []
      for (let number = 0; number < machines; number += 1) {
        const made = machineFrom(number, next)
        const { verdict, rule, failed } = await judgeMachine(loaded.policy, engine, made, { now })
        const [wanted, by] = expected(made)
        if (verdict !== wanted || rule?.name !== by)
          others.push({ number, made, wanted: [wanted, by], got: [verdict, rule?.name] })
        const kind = failed === undefined ? verdict : 'failed'
        counts[kind] = (counts[kind] ?? 0) + 1
      }
      t.same(others, [], 'each is judged as the plain code judges it')
      for (const kind of ['approve', 'hold', 'reject', 'failed'])
        t.ok((counts[kind] ?? 0) > 10, `${kind}: ${counts[kind]}`)
    }
  )
}
